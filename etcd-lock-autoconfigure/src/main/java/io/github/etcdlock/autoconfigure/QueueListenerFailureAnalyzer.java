package io.github.etcdlock.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says which listener is wrong, and how to put it right. */
final class QueueListenerFailureAnalyzer extends AbstractFailureAnalyzer<QueueListenerException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, QueueListenerException cause) {
		return new FailureAnalysis(cause.problem(), cause.action(), cause);
	}

}
