package io.github.etcdlock.test;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One etcd for all tests of a JVM, started by the first that needs it. Tests get it as a
 * parameter of type {@link EtcdCluster} ({@code @ExtendWith(EtcdExtension.class)}), or
 * from a {@code @RegisterExtension static final} field. They share it, so each takes a
 * prefix of its own and leaves the process alone: a test that breaks etcd starts its own
 * {@link EtcdCluster}.
 */
public final class EtcdExtension implements BeforeAllCallback, ParameterResolver {

	private static final Namespace NAMESPACE = Namespace.create(EtcdExtension.class);

	private volatile @Nullable EtcdCluster cluster;

	/**
	 * The shared etcd.
	 * @return one member
	 */
	public EtcdCluster cluster() {
		EtcdCluster started = this.cluster;
		if (started == null) {
			throw new IllegalStateException("etcd starts before the first test: keep the extension in a static field "
					+ "with @RegisterExtension");
		}
		return started;
	}

	/**
	 * Where clients reach the shared etcd.
	 * @return the endpoint
	 */
	public String endpoint() {
		return cluster().endpoint();
	}

	/**
	 * A prefix for keys that no other test uses.
	 * @return the prefix, without a slash at its end
	 */
	public String freshPrefix() {
		return cluster().freshPrefix();
	}

	@Override
	public void beforeAll(ExtensionContext context) {
		this.cluster = shared(context);
	}

	@Override
	public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
		return parameter.getParameter().getType() == EtcdCluster.class;
	}

	@Override
	public EtcdCluster resolveParameter(ParameterContext parameter, ExtensionContext context) {
		return shared(context);
	}

	/** What is in the root store is closed by JUnit after the last test. */
	private static EtcdCluster shared(ExtensionContext context) {
		return context.getRoot()
			.getStore(NAMESPACE)
			.computeIfAbsent(EtcdCluster.class, (type) -> EtcdCluster.ofOne(), EtcdCluster.class);
	}

}
