package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

import io.netty.handler.ssl.SslContext;
import org.jspecify.annotations.Nullable;

/**
 * How the engine reaches etcd.
 *
 * @param endpoints the members, each as {@code host:port}, or one {@code dns:///} target
 * @param username the etcd user, or null where etcd asks for none
 * @param password the user's password
 * @param ssl the current TLS material, asked again on {@link LeaseManager#reconnect()};
 * null for plain text
 * @param connectTimeout how long one connection attempt may take
 */
public record EtcdConnection(List<String> endpoints, @Nullable String username, @Nullable String password,
		@Nullable Supplier<SslContext> ssl, Duration connectTimeout) {

	/**
	 * Copies the list.
	 * @param endpoints the members
	 * @param username the etcd user
	 * @param password the user's password
	 * @param ssl the current TLS material
	 * @param connectTimeout how long one connection attempt may take
	 */
	public EtcdConnection {
		endpoints = List.copyOf(endpoints);
		if (endpoints.isEmpty()) {
			throw new IllegalArgumentException("etcd needs at least one endpoint");
		}
	}

	/** The connection without its password. */
	@Override
	public String toString() {
		return "EtcdConnection[endpoints=" + this.endpoints + ", username=" + this.username + ", tls="
				+ (this.ssl != null) + "]";
	}

}
