package io.github.etcdlock.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.annotation.Order;

/** Shows a property that cannot be used. */
@Order(0)
final class InvalidEtcdLockPropertyFailureAnalyzer extends AbstractFailureAnalyzer<InvalidEtcdLockPropertyException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidEtcdLockPropertyException cause) {
		return new FailureAnalysis(cause.problem(), cause.cure(), cause);
	}

}
