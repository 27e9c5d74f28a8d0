package io.github.etcdlock.autoconfigure;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The etcd that was asked for, as far as messages may name it.
 *
 * @param endpoints the endpoints as they were given
 * @param username the etcd user, or null
 * @param keyPrefix the prefix of the locks
 * @param tls whether TLS was asked for
 */
record EtcdTarget(List<String> endpoints, @Nullable String username, String keyPrefix, boolean tls) {

	String named() {
		return "etcd at " + String.join(", ", this.endpoints);
	}

}
