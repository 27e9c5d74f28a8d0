package io.github.etcdlock.autoconfigure;

import io.github.etcdlock.embedded.EtcdBinaryNotFoundException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.annotation.Order;

/** Says how to get an etcd where embedded etcd finds none. */
@Order(0)
final class EtcdBinaryFailureAnalyzer extends AbstractFailureAnalyzer<EtcdBinaryNotFoundException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, EtcdBinaryNotFoundException cause) {
		String description = String.valueOf(cause.getMessage()).replace(cause.howToGetOne(), "").strip();
		return new FailureAnalysis(
				"etcd-lock.embedded.enabled=true asks for an etcd, but there is none: " + description,
				"Get an etcd, or use one that runs elsewhere with etcd-lock.endpoints:%n%n    ".formatted()
						+ cause.howToGetOne().replace(System.lineSeparator(), System.lineSeparator() + "    "),
				cause);
	}

}
