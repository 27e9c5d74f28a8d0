package io.github.etcdlock.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.annotation.Order;

/** Explains why etcd cannot be used. */
@Order(0)
final class EtcdUnusableFailureAnalyzer extends AbstractFailureAnalyzer<EtcdUnusableException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, EtcdUnusableException cause) {
		return EtcdDiagnosis.of(cause, cause.target());
	}

}
