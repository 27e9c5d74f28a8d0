package io.github.etcdlock.autoconfigure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockTemplate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/** TLS with certificates on both sides, against a real etcd. */
@ExtendWith(OutputCaptureExtension.class)
class EtcdTlsTests {

	@TempDir
	private static Path folder;

	private static Certificate server;

	private static Certificate client;

	private static SecuredEtcd etcd;

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, EtcdLockAutoConfiguration.class))
		.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint(), "etcd-lock.ssl.bundle=etcd",
				"etcd-lock.fail-fast=true", "etcd-lock.request-timeout=10s",
				"spring.ssl.bundle.pem.etcd.truststore.certificate=file:" + server.certificate(),
				"spring.ssl.bundle.pem.etcd.keystore.certificate=file:" + client.certificate(),
				"spring.ssl.bundle.pem.etcd.keystore.private-key=file:" + client.key());

	@BeforeAll
	static void startEtcd() {
		server = Certificate.make(folder, "server", "ip:127.0.0.1");
		client = Certificate.make(folder, "client", "dns:client");
		etcd = new SecuredEtcd(server, client);
	}

	@AfterAll
	static void stopEtcd() {
		etcd.close();
	}

	@Test
	void locksAndTheClientUseTheBundle() {
		this.runner.run((context) -> {
			assertThat(context.getBean(LockTemplate.class).execute("k", LockHandle::isHeld)).isTrue();
			Client jetcd = context.getBean(Client.class);
			ByteSequence key = ByteSequence.from("k", StandardCharsets.UTF_8);
			assertThat(jetcd.getKVClient().get(key).get(30, TimeUnit.SECONDS).getCount()).isZero();
		});
	}

	@Test
	void locksSurviveTheReloadOfTheBundle(CapturedOutput output) {
		this.runner
			.withPropertyValues("spring.ssl.bundle.pem.etcd.reload-on-update=true",
					"spring.ssl.bundle.watch.file.quiet-period=50ms")
			.run((context) -> {
				LockTemplate template = context.getBean(LockTemplate.class);
				try (LockHandle lock = template.acquire("k")) {
					renew(client);
					Awaitility.await()
						.atMost(Duration.ofSeconds(60))
						.until(() -> output.getAll().contains("connections are opened anew"));
					assertThat(template.tryAcquire("other")).get().satisfies(LockHandle::close);
					assertThat(lock.isHeld()).isTrue();
					assertThat(template.tryAcquire("k")).isEmpty();
				}
			});
	}

	/**
	 * Puts the same certificate and key in place again, as a renewal does with new ones.
	 */
	private static void renew(Certificate certificate) throws IOException {
		for (Path file : new Path[] { certificate.certificate(), certificate.key() }) {
			Path copy = Files.copy(file, folder.resolve("renewed"), StandardCopyOption.REPLACE_EXISTING);
			Files.move(copy, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
		}
	}

}
