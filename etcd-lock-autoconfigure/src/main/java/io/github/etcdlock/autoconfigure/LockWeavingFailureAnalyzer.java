package io.github.etcdlock.autoconfigure;

import io.github.etcdlock.aop.LockWeavingException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Shows why methods cannot be woven. */
final class LockWeavingFailureAnalyzer extends AbstractFailureAnalyzer<LockWeavingException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, LockWeavingException cause) {
		return new FailureAnalysis(cause.problem(), cause.cure(), cause);
	}

}
