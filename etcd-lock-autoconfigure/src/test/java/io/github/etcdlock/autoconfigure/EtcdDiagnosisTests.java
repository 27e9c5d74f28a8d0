package io.github.etcdlock.autoconfigure;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

import com.sun.net.httpserver.HttpServer;
import io.etcd.jetcd.Auth;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.auth.Permission;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.docs.ErrorTable;
import io.github.etcdlock.embedded.EtcdBinaryNotFoundException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a user reads when etcd cannot be used, against real servers that cannot be used.
 */
class EtcdDiagnosisTests {

	@TempDir
	private static Path folder;

	private static Certificate server;

	private static Certificate client;

	private static SecuredEtcd etcd;

	private static SecuredEtcd wantsCertificate;

	private static SecuredEtcd wantsUser;

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, EmbeddedEtcdAutoConfiguration.class,
				EtcdLockAutoConfiguration.class))
		.withPropertyValues("etcd-lock.fail-fast=true", "etcd-lock.request-timeout=8s");

	@BeforeAll
	static void startServers() throws Exception {
		server = Certificate.make(folder, "server", "ip:127.0.0.1");
		client = Certificate.make(folder, "client", "dns:client");
		etcd = new SecuredEtcd(Certificate.make(folder, "other-name", "dns:etcd.example.org"), null);
		wantsCertificate = new SecuredEtcd(server, client);
		wantsUser = new SecuredEtcd(server, null);
		enableAuth(wantsUser.plainEndpoint());
	}

	@AfterAll
	static void stopServers() {
		List.of(etcd, wantsCertificate, wantsUser).forEach(SecuredEtcd::close);
	}

	private static void enableAuth(String endpoint) throws Exception {
		try (Client jetcd = Client.builder().endpoints(endpoint).build()) {
			Auth auth = jetcd.getAuthClient();
			auth.userAdd(bytes("root"), bytes("root")).get(30, TimeUnit.SECONDS);
			auth.userGrantRole(bytes("root"), bytes("root")).get(30, TimeUnit.SECONDS);
			auth.userAdd(bytes("shop"), bytes("s3cret")).get(30, TimeUnit.SECONDS);
			auth.roleAdd(bytes("other")).get(30, TimeUnit.SECONDS);
			auth.roleGrantPermission(bytes("other"), bytes("/other/"), bytes("/other0"), Permission.Type.READWRITE)
				.get(30, TimeUnit.SECONDS);
			auth.userGrantRole(bytes("shop"), bytes("other")).get(30, TimeUnit.SECONDS);
			auth.userAdd(bytes("bank"), bytes("s3cret")).get(30, TimeUnit.SECONDS);
			auth.roleAdd(bytes("locks")).get(30, TimeUnit.SECONDS);
			auth.roleGrantPermission(bytes("locks"), bytes("/locks/"), bytes("/locks0"), Permission.Type.READWRITE)
				.get(30, TimeUnit.SECONDS);
			auth.userGrantRole(bytes("bank"), bytes("locks")).get(30, TimeUnit.SECONDS);
			auth.authEnable().get(30, TimeUnit.SECONDS);
		}
	}

	private static ByteSequence bytes(String text) {
		return ByteSequence.from(text, StandardCharsets.UTF_8);
	}

	@Test
	void nothingThere() {
		assertDiagnosis(List.of("etcd-lock.endpoints=127.0.0.1:1,http://127.0.0.1:2"),
				"The etcd at 127.0.0.1:1, http://127.0.0.1:2 cannot be reached (Connection refused",
				"Start etcd, or correct etcd-lock.endpoints");
	}

	@Test
	void unknownHost() {
		assertDiagnosis(List.of("etcd-lock.endpoints=etcd.invalid:2379"), "has a host name that is not known",
				"Correct etcd-lock.endpoints.");
	}

	@Test
	void silentServer() throws IOException {
		try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			assertDiagnosis(
					List.of("etcd-lock.request-timeout=1s", "etcd-lock.endpoints=127.0.0.1:" + silent.getLocalPort()),
					"gives no answer in time", "Start etcd, or correct etcd-lock.endpoints");
		}
	}

	@Test
	void webServerInsteadOfEtcd() throws IOException {
		HttpServer web = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
		web.start();
		try {
			assertDiagnosis(List.of("etcd-lock.endpoints=127.0.0.1:" + web.getAddress().getPort()),
					"answers, but not as an etcd does", "etcd's port for clients is 2379");
		}
		finally {
			web.stop(0);
		}
	}

	@Test
	void serverThatHangsUp() throws IOException {
		try (ServerSocket rude = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
			Thread thread = new Thread(() -> hangUp(rude));
			thread.setDaemon(true);
			thread.start();
			assertDiagnosis(List.of("etcd-lock.endpoints=127.0.0.1:" + rude.getLocalPort()), "hangs up (",
					"If it asks for TLS, use https://");
		}
	}

	private static void hangUp(ServerSocket server) {
		while (!server.isClosed()) {
			try (Socket socket = server.accept()) {
				socket.setSoLinger(true, 0);
			}
			catch (IOException ex) {
				return;
			}
		}
	}

	@Test
	void plainTextToTls() {
		assertDiagnosis(List.of("etcd-lock.endpoints=" + wantsUser.plainEndpointOfTls()), "hangs up (",
				"If it asks for TLS, use https://");
	}

	@Test
	void tlsToPlainText() {
		assertDiagnosis(List.of("etcd-lock.endpoints=" + etcd.plainEndpoint().replace("http:", "https:")),
				"speaks plain text, it seems, but TLS was asked for", "Use http:// in etcd-lock.endpoints");
	}

	@Test
	void untrustedCertificate() {
		assertDiagnosis(List.of("etcd-lock.endpoints=" + wantsUser.endpoint()),
				"has a TLS certificate that is not trusted here", "etcd-lock.ssl.bundle");
	}

	@Test
	void certificateOfAnotherHost() {
		assertDiagnosis(
				List.of("etcd-lock.endpoints=" + etcd.endpoint(), "etcd-lock.ssl.bundle=etcd",
						"spring.ssl.bundle.pem.etcd.truststore.certificate=file:" + folder.resolve("other-name.crt")),
				"has a TLS certificate that does not fit", "Use the host name that the certificate was made for");
	}

	@Test
	void clientCertificateWanted() {
		assertDiagnosis(
				List.of("etcd-lock.endpoints=" + wantsCertificate.endpoint(), "etcd-lock.ssl.bundle=etcd",
						"spring.ssl.bundle.pem.etcd.truststore.certificate=file:" + server.certificate()),
				"wants a valid certificate of the client's own", "keystore.certificate and keystore.private-key");
	}

	@Test
	void clientCertificateOfAnotherAuthority() {
		assertDiagnosis(ownCertificate(server), "wants a valid certificate of the client's own",
				"that etcd's --trusted-ca-file has signed");
	}

	@Test
	void clientCertificateThatHasExpired() {
		assertDiagnosis(ownCertificate(client.signExpired("old-client", "dns:client")), "certificate of",
				"Put a valid certificate");
	}

	private static List<String> ownCertificate(Certificate certificate) {
		return List.of("etcd-lock.endpoints=" + wantsCertificate.endpoint(), "etcd-lock.ssl.bundle=etcd",
				"spring.ssl.bundle.pem.etcd.truststore.certificate=file:" + server.certificate(),
				"spring.ssl.bundle.pem.etcd.keystore.certificate=file:" + certificate.certificate(),
				"spring.ssl.bundle.pem.etcd.keystore.private-key=file:" + certificate.key());
	}

	@Test
	void certificateOfAnotherAuthority() {
		assertDiagnosis(
				List.of("etcd-lock.endpoints=" + wantsUser.endpoint(), "etcd-lock.ssl.bundle=etcd",
						"spring.ssl.bundle.pem.etcd.truststore.certificate=file:" + client.certificate()),
				"has a TLS certificate that is not trusted here", "etcd-lock.ssl.bundle");
	}

	@Test
	void certificateThatHasExpired() {
		try (SecuredEtcd old = new SecuredEtcd(server.signExpired("expired", "ip:127.0.0.1"), null)) {
			assertDiagnosis(
					List.of("etcd-lock.endpoints=" + old.endpoint(), "etcd-lock.ssl.bundle=etcd",
							"spring.ssl.bundle.pem.etcd.truststore.certificate=file:" + server.certificate()),
					"has a TLS certificate that is not valid now", "Renew etcd's certificate");
		}
	}

	@Test
	void userWanted() {
		assertDiagnosis(List.of("etcd-lock.endpoints=" + wantsUser.plainEndpoint()), "asks for a user",
				"Set etcd-lock.username and etcd-lock.password.");
	}

	@Test
	void wrongPassword() {
		FailureAnalysis analysis = assertDiagnosis(
				List.of("etcd-lock.endpoints=" + wantsUser.plainEndpoint(), "etcd-lock.username=shop",
						"etcd-lock.password=wr0ng"),
				"refuses the password of its user shop", "Correct etcd-lock.username and etcd-lock.password");
		StringWriter text = new StringWriter();
		analysis.getCause().printStackTrace(new PrintWriter(text));
		assertThat(text + analysis.getDescription() + analysis.getAction()).doesNotContain("wr0ng");
	}

	@Test
	void missingPermission() {
		assertDiagnosis(
				List.of("etcd-lock.endpoints=" + wantsUser.plainEndpoint(), "etcd-lock.username=shop",
						"etcd-lock.password=s3cret"),
				"does not let its user shop use the keys under /locks/",
				"etcdctl role grant-permission <role> --prefix=true readwrite /locks/");
	}

	@Test
	void permissionThatWeNameIsEnough() {
		this.runner
			.withPropertyValues("etcd-lock.endpoints=" + wantsUser.plainEndpoint(), "etcd-lock.username=bank",
					"etcd-lock.password=s3cret")
			.run((context) -> assertThat(context.getBean(LockTemplate.class).execute("k", LockHandle::isHeld))
				.isTrue());
	}

	@Test
	void userOfAnEtcdWithoutUsers() {
		assertDiagnosis(List.of("etcd-lock.endpoints=" + etcd.plainEndpoint(), "etcd-lock.username=shop",
				"etcd-lock.password=s3cret"), "knows no users", "etcdctl auth enable");
	}

	@Test
	void missingBinary() {
		this.runner
			.withPropertyValues("etcd-lock.embedded.enabled=true", "etcd-lock.embedded.binary=" + folder.resolve("no"))
			.run((context) -> {
				assertThat(context).getFailure().rootCause().isInstanceOf(EtcdBinaryNotFoundException.class);
				FailureAnalysis analysis = new EtcdBinaryFailureAnalyzer().analyze(context.getStartupFailure());
				assertThat(analysis).isNotNull();
				assertThat(analysis.getDescription()).contains("there is none: No etcd binary found")
					.contains(folder.resolve("no").toString());
				assertThat(analysis.getAction()).contains("apt-get install etcd-server")
					.contains("etcd-lock.endpoints");
			});
	}

	@Test
	void badPropertyIsAnalyzed() {
		this.runner.withPropertyValues("etcd-lock.ttl=1s").run((context) -> {
			FailureAnalysis analysis = new InvalidEtcdLockPropertyFailureAnalyzer()
				.analyze(context.getStartupFailure());
			assertThat(analysis).isNotNull();
			assertThat(analysis.getDescription())
				.isEqualTo("The property etcd-lock.ttl = PT1S is no TTL that etcd has.");
			assertThat(analysis.getAction()).startsWith("Use whole seconds from 2s to");
		});
	}

	private FailureAnalysis assertDiagnosis(List<String> properties, String description, String action) {
		assertThat(ErrorTable.under("etcd")).extracting(ErrorTable.Row::message)
			.as("docs/errors.md")
			.anyMatch((message) -> description.contains(message));
		FailureAnalysis[] found = new FailureAnalysis[1];
		this.runner.withPropertyValues(properties.toArray(String[]::new)).run((context) -> {
			assertThat(context).hasFailed();
			FailureAnalysis analysis = new EtcdUnusableFailureAnalyzer().analyze(context.getStartupFailure());
			assertThat(analysis).isNotNull();
			assertThat(analysis.getDescription()).startsWith("The etcd at ").contains(description).endsWith(".");
			assertThat(analysis.getAction()).contains(action);
			found[0] = analysis;
		});
		return found[0];
	}

}
