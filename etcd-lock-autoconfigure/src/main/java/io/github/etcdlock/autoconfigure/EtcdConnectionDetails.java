package io.github.etcdlock.autoconfigure;

import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;
import org.springframework.boot.ssl.SslBundle;

/** How to reach etcd. A bean of this type takes the place of the properties. */
public interface EtcdConnectionDetails extends ConnectionDetails {

	/**
	 * The members, each as {@code host:port}, {@code http://host:port} or
	 * {@code https://host:port}, or one {@code dns:///} target.
	 * @return the endpoints, at least one
	 */
	List<String> getEndpoints();

	/**
	 * The etcd user.
	 * @return the user, or null where etcd asks for none
	 */
	default @Nullable String getUsername() {
		return null;
	}

	/**
	 * The password of the etcd user.
	 * @return the password, or null where there is no user
	 */
	default @Nullable String getPassword() {
		return null;
	}

	/**
	 * Whom to trust, and the client's own certificate if etcd asks for one. Asked again
	 * when the bundle was updated.
	 * @return the bundle; null trusts what the JVM trusts where the endpoints are
	 * {@code https://}, and uses no TLS otherwise
	 */
	default @Nullable SslBundle getSslBundle() {
		return null;
	}

}
