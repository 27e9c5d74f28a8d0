package io.github.etcdlock.autoconfigure;

import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.docker.compose.core.RunningService;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionDetailsFactory;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionSource;
import org.springframework.boot.ssl.SslBundle;

/**
 * Reaches the etcd that docker compose runs: a service with an image called etcd, or
 * labelled so.
 */
final class EtcdDockerComposeConnectionDetailsFactory
		extends DockerComposeConnectionDetailsFactory<EtcdConnectionDetails> {

	private static final String LABEL = "org.springframework.boot.service-connection";

	private static final int PORT = 2379;

	EtcdDockerComposeConnectionDetailsFactory() {
		super((source) -> isEtcd(source.getRunningService()));
	}

	private static boolean isEtcd(RunningService service) {
		String label = service.labels().get(LABEL);
		String name = (label != null) ? label : service.image().getName();
		return name.substring(name.lastIndexOf('/') + 1).equalsIgnoreCase("etcd");
	}

	@Override
	protected EtcdConnectionDetails getDockerComposeConnectionDetails(DockerComposeConnectionSource source) {
		return new Details(source.getRunningService());
	}

	private static final class Details extends DockerComposeConnectionDetails implements EtcdConnectionDetails {

		private final @Nullable SslBundle ssl;

		private final String endpoint;

		Details(RunningService service) {
			super(service);
			this.ssl = getSslBundle(service);
			this.endpoint = ((this.ssl != null) ? "https://" : "http://") + service.host() + ":"
					+ service.ports().get(PORT);
		}

		@Override
		public List<String> getEndpoints() {
			return List.of(this.endpoint);
		}

		@Override
		public @Nullable SslBundle getSslBundle() {
			return this.ssl;
		}

	}

}
