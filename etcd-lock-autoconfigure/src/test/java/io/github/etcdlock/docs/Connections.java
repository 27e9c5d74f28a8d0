package io.github.etcdlock.docs;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;
import org.springframework.context.annotation.Bean;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.testcontainers.containers.GenericContainer;

/**
 * The ways to an etcd of {@code connections.md}, and the polite holder of
 * {@code observability.md}.
 */
class Connections {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@DynamicPropertySource
	static void etcd(DynamicPropertyRegistry registry) {
		registry.add("etcd-lock.endpoints", etcd::endpoint);
		registry.add("etcd-lock.key-prefix", etcd::freshPrefix);
	}

	static void politely(LockHandle lock, Progress progress) {
		lock.onRevocationRequested(progress::stopSoon);
	}

	/** Work that can end early. */
	interface Progress {

		void stopSoon();

	}

	/** The etcd of an application's tests. */
	static class Containers {

		@Bean
		@ServiceConnection("etcd")
		GenericContainer<?> etcd() {
			return new GenericContainer<>("quay.io/coreos/etcd:v3.5.28").withExposedPorts(2379)
				.withCommand("etcd", "--listen-client-urls=http://0.0.0.0:2379",
						"--advertise-client-urls=http://0.0.0.0:2379");
		}

	}

}
