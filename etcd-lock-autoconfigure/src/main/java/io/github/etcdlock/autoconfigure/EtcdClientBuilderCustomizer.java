package io.github.etcdlock.autoconfigure;

import io.etcd.jetcd.ClientBuilder;

/**
 * Changes the auto-configured jetcd {@link io.etcd.jetcd.Client} before it is built.
 * Locks do not use that client.
 */
@FunctionalInterface
public interface EtcdClientBuilderCustomizer {

	/**
	 * Changes the builder.
	 * @param builder the builder, set up from the connection details
	 */
	void customize(ClientBuilder builder);

}
