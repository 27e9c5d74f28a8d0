package io.github.etcdlock.autoconfigure;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.github.etcdlock.etcd.EtcdConnection;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;

/** The connection details, read once for everybody who connects. */
final class EtcdLink {

	private final EtcdConnectionDetails details;

	private final EtcdEndpoints endpoints;

	private final @Nullable TlsMaterial tls;

	private final Duration connectTimeout;

	EtcdLink(EtcdConnectionDetails details, Duration connectTimeout) {
		this.details = details;
		this.endpoints = EtcdEndpoints.of(details.getEndpoints());
		this.connectTimeout = connectTimeout;
		SslBundle bundle = this.endpoints.plain() ? null : details.getSslBundle();
		this.tls = (bundle != null || this.endpoints.tls()) ? new TlsMaterial(bundle) : null;
	}

	EtcdConnection connection() {
		return new EtcdConnection(this.endpoints.targets(), this.details.getUsername(), this.details.getPassword(),
				this.tls, this.connectTimeout);
	}

	ClientBuilder clientBuilder() {
		ClientBuilder builder = Client.builder().target(target()).connectTimeout(this.connectTimeout);
		if (this.tls != null) {
			builder.sslContext(new CurrentSslContext(this.tls));
		}
		if (this.details.getUsername() != null) {
			builder.user(bytes(this.details.getUsername())).password(bytes(String.valueOf(this.details.getPassword())));
		}
		return builder;
	}

	/** jetcd has a resolver of its own for a list of members. */
	private String target() {
		String first = this.endpoints.targets().get(0);
		return first.startsWith("dns:") ? first : "ip:///" + String.join(",", this.endpoints.targets());
	}

	EtcdTarget target(String keyPrefix) {
		return new EtcdTarget(this.details.getEndpoints(), this.details.getUsername(), keyPrefix, this.tls != null);
	}

	/** Has new connections use this material; says whether there is TLS at all. */
	boolean update(SslBundle bundle) {
		if (this.tls != null) {
			this.tls.update(bundle);
		}
		return this.tls != null;
	}

	private static ByteSequence bytes(String text) {
		return ByteSequence.from(text, StandardCharsets.UTF_8);
	}

}
