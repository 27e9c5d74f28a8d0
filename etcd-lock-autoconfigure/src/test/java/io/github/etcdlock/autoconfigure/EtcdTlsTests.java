package io.github.etcdlock.autoconfigure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
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

	private static Certificate authority;

	private static Certificate server;

	private static Certificate client;

	private static Certificate newAuthority;

	private static Certificate newServer;

	private static Certificate newClient;

	private static SecuredEtcd etcd;

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, EtcdLockAutoConfiguration.class))
		.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint(), "etcd-lock.ssl.bundle=etcd",
				"etcd-lock.fail-fast=true", "etcd-lock.request-timeout=10s",
				"spring.ssl.bundle.pem.etcd.truststore.certificate=file:" + authority.certificate(),
				"spring.ssl.bundle.pem.etcd.keystore.certificate=file:" + client.certificate(),
				"spring.ssl.bundle.pem.etcd.keystore.private-key=file:" + client.key());

	@BeforeAll
	static void startEtcd() {
		authority = Certificate.make(folder, "authority", "dns:authority");
		newAuthority = Certificate.make(folder, "new-authority", "dns:authority");
		newServer = newAuthority.sign("new-server", "ip:127.0.0.1");
		newClient = newAuthority.sign("new-client", "dns:client");
		client = authority.sign("client", "dns:client");
		server = authority.sign("server", "ip:127.0.0.1");
		etcd = new SecuredEtcd(server, authority, folder.resolve("data"));
	}

	@AfterAll
	static void stopEtcd() {
		etcd.close();
	}

	/** Long enough for etcd's restart. */
	private static final Duration TTL = Duration.ofSeconds(10);

	/**
	 * Everything is replaced by what the new authority has signed, and etcd then accepts
	 * nothing else.
	 */
	@Test
	void locksAndTheClientSurviveTheChangeOfEveryCertificate(CapturedOutput output) {
		this.runner
			.withPropertyValues("spring.ssl.bundle.pem.etcd.reload-on-update=true",
					"spring.ssl.bundle.watch.file.quiet-period=50ms")
			.run((context) -> {
				LockTemplate template = context.getBean(LockTemplate.class);
				Client jetcd = context.getBean(Client.class);
				assertThat(count(jetcd)).isZero();
				List<LockHandle> held = new ArrayList<>();
				for (int i = 0; i < 20; i++) {
					held.add(template.acquire(LockRequest.of("k" + i).withTtl(TTL)));
				}
				replaceCertificates();
				Awaitility.await()
					.atMost(Duration.ofSeconds(60))
					.until(() -> output.getAll().contains("connections are opened anew"));
				etcd.restart(newAuthority);
				assertThat(template.tryAcquire("other")).get().satisfies(LockHandle::close);
				assertThat(count(jetcd)).isZero();
				Duration then = held.get(0).heldFor();
				Awaitility.await()
					.atMost(Duration.ofSeconds(60))
					.until(() -> held.get(0).heldFor().minus(then).compareTo(TTL.plusSeconds(1)) > 0);
				assertThat(held).hasSize(20).allMatch(LockHandle::isHeld);
				this.runner.run((other) -> isServedAfter(held.get(0), other.getBean(LockTemplate.class)));
				held.forEach(LockHandle::close);
				assertThat(template.tryAcquire("k19")).get().satisfies(LockHandle::close);
			});
	}

	private static void isServedAfter(LockHandle holder, LockTemplate others) throws Exception {
		assertThat(others.tryAcquire("k0")).isEmpty();
		CompletableFuture<LockHandle> waiter = others.acquireAsync(LockRequest.of("k0"));
		holder.close();
		waiter.get(10, TimeUnit.SECONDS).close();
	}

	private static void replaceCertificates() throws IOException {
		newServer.replace(server);
		newClient.replace(client);
		newAuthority.replace(authority);
	}

	private static long count(Client jetcd) throws Exception {
		ByteSequence key = ByteSequence.from("k", StandardCharsets.UTF_8);
		return jetcd.getKVClient().get(key).get(30, TimeUnit.SECONDS).getCount();
	}

}
