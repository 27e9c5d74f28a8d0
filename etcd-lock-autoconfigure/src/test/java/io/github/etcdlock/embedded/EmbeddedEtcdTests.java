package io.github.etcdlock.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.github.etcdlock.docs.ErrorTable;
import io.github.etcdlock.test.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

@Timeout(60)
class EmbeddedEtcdTests {

	@TempDir
	Path folder;

	@Test
	void answersOnceStartedAndLeavesNothing() throws Exception {
		EmbeddedEtcd etcd = EmbeddedEtcd.builder().start();
		assertThat(etcd.endpoint()).startsWith("http://127.0.0.1:");
		assertThat(post(etcd, "maintenance/status", "{}")).contains("\"leader\"");
		assertThat(etcd.log()).isNotEmpty();
		assertThat(etcd.dataDir()).isDirectory();
		etcd.close();
		etcd.close();
		assertThat(etcd.isRunning()).isFalse();
		assertThat(etcd.dataDir()).doesNotExist();
	}

	@Test
	void severalRunSideBySide() {
		try (EmbeddedEtcd first = EmbeddedEtcd.builder().start();
				EmbeddedEtcd second = EmbeddedEtcd.builder().start()) {
			assertThat(first.endpoint()).isNotEqualTo(second.endpoint());
			assertThat(first.isRunning()).isTrue();
			assertThat(second.isRunning()).isTrue();
		}
	}

	@Test
	void chosenPortAndFolderOutliveARestart() throws Exception {
		int port = freePort();
		Path data = this.folder.resolve("data");
		try (EmbeddedEtcd etcd = EmbeddedEtcd.builder().port(port).dataDir(data).start()) {
			assertThat(etcd.endpoint()).isEqualTo("http://127.0.0.1:" + port);
			post(etcd, "kv/put", "{\"key\": \"YQ==\", \"value\": \"Yg==\"}");
		}
		assertThat(data).isDirectory();
		try (EmbeddedEtcd etcd = EmbeddedEtcd.builder().port(port).dataDir(data).start()) {
			assertThat(post(etcd, "kv/range", "{\"key\": \"YQ==\"}")).contains("\"value\":\"Yg==\"");
		}
	}

	@Test
	void wrongUseIsNamedWithItsCure() throws IOException {
		Path nowhere = this.folder.resolve("nowhere");
		Path file = Files.writeString(this.folder.resolve("file"), "no folder");
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
			int taken = socket.getLocalPort();
			ErrorTable.check("Embedded etcd", Map.of("EmbeddedEtcd.builder().port(65536)",
					() -> EmbeddedEtcd.builder().port(65536), "EmbeddedEtcd.builder().port(taken).start()",
					() -> EmbeddedEtcd.builder().port(taken).start(),
					"EmbeddedEtcd.builder().startTimeout(Duration.ZERO)",
					() -> EmbeddedEtcd.builder().startTimeout(Duration.ZERO),
					"EmbeddedEtcd.builder().startTimeout(Duration.ofMillis(1)).start()",
					() -> EmbeddedEtcd.builder().startTimeout(Duration.ofMillis(1)).start(),
					"EmbeddedEtcd.builder().dataDir(file).start()", () -> EmbeddedEtcd.builder().dataDir(file).start(),
					"EmbeddedEtcd.builder().binary(nowhere).start()",
					() -> EmbeddedEtcd.builder().binary(nowhere).start(),
					"EmbeddedEtcd.builder().arguments(List.of(\"--no-such-option\")).start()",
					() -> EmbeddedEtcd.builder().arguments(List.of("--no-such-option")).start()));
		}
	}

	@Test
	void silenceAfterTheStartEndsWithTheDeadline() throws IOException {
		Path mute = script("echo pid $$; exec sleep 60");
		assertThatExceptionOfType(EmbeddedEtcdException.class)
			.isThrownBy(() -> EmbeddedEtcd.builder().binary(mute).startTimeout(Duration.ofSeconds(3)).start())
			.withMessageContaining("did not answer")
			.satisfies((ex) -> assertThat(ProcessHandle.of(pidIn(ex.getMessage()))).isEmpty());
	}

	@Test
	void interruptEndsTheStart() throws IOException {
		Path mute = script("exec sleep 60");
		Thread.currentThread().interrupt();
		assertThatExceptionOfType(EmbeddedEtcdException.class)
			.isThrownBy(() -> EmbeddedEtcd.builder().binary(mute).start())
			.withMessageContaining("Interrupted");
		assertThat(Thread.interrupted()).isTrue();
	}

	@Test
	void unusableDataFolderIsNamedByTheLog() throws IOException {
		Path below = Files.writeString(this.folder.resolve("file"), "no folder").resolve("data");
		assertThatExceptionOfType(EmbeddedEtcdException.class)
			.isThrownBy(() -> EmbeddedEtcd.builder().dataDir(below).start())
			.withMessageContaining("ended while starting")
			.withMessageContaining(below.toString());
	}

	@Test
	void laterDeathIsNoticed() {
		try (EmbeddedEtcd etcd = EmbeddedEtcd.builder().start()) {
			ProcessHandle.of(etcd.pid()).orElseThrow().destroyForcibly();
			await().atMost(Duration.ofSeconds(5)).until(() -> !etcd.isRunning());
		}
	}

	@Test
	void killedJvmLeavesNoProcessAndNoFolder() throws IOException {
		try (ChildJvm jvm = ChildJvm.start(Application.class)) {
			ProcessHandle etcd = process(jvm.expect("process "));
			Path data = Path.of(jvm.expect("folder "));
			assertThat(data).isDirectory();
			jvm.kill();
			await().atMost(Duration.ofSeconds(10)).until(() -> !etcd.isAlive() && !Files.exists(data));
		}
	}

	@Test
	void killedJvmLeavesNoPausedProcess() throws Exception {
		try (ChildJvm jvm = ChildJvm.start(Application.class)) {
			ProcessHandle etcd = process(jvm.expect("process "));
			new ProcessBuilder("/bin/sh", "-c", "kill -STOP " + etcd.pid()).start().waitFor();
			jvm.kill();
			await().atMost(Duration.ofSeconds(10)).until(() -> !etcd.isAlive());
		}
	}

	@Test
	void jvmThatEndsWithoutClosingLeavesNothing() {
		try (ChildJvm jvm = ChildJvm.start(Application.class)) {
			ProcessHandle etcd = process(jvm.expect("process "));
			Path data = Path.of(jvm.expect("folder "));
			jvm.send("exit");
			jvm.awaitExit();
			await().atMost(Duration.ofSeconds(10)).until(() -> !etcd.isAlive() && !Files.exists(data));
		}
	}

	@Test
	@EnabledOnOs(OS.LINUX)
	void interruptFromTheTerminalIsLeftToTheApplication() throws IOException {
		try (EmbeddedEtcd etcd = EmbeddedEtcd.builder().start()) {
			assertThat(session(etcd.pid())).isEqualTo(Long.toString(etcd.pid()));
		}
	}

	@Test
	void settingsForClientsDoNotReachTheServer() {
		Map<String, String> environment = new HashMap<>(Map.of("PATH", "/bin", "ETCD_NAME", "another"));
		EtcdProcess.prepare(environment);
		assertThat(environment).containsEntry("PATH", "/bin").doesNotContainKey("ETCD_NAME");
	}

	/** The session of a process; Ctrl-C reaches only those of the terminal's own. */
	private static String session(long pid) throws IOException {
		String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
		return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[3];
	}

	private static ProcessHandle process(String pid) {
		return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
			return socket.getLocalPort();
		}
	}

	private static long pidIn(String message) {
		return Long.parseLong(message.substring(message.indexOf("pid ") + 4).strip());
	}

	private static String post(EmbeddedEtcd etcd, String method, String json) throws Exception {
		HttpRequest request = HttpRequest.newBuilder(URI.create(etcd.endpoint() + "/v3/" + method))
			.POST(HttpRequest.BodyPublishers.ofString(json))
			.build();
		return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
	}

	private Path script(String body) throws IOException {
		Path file = this.folder.resolve("etcd-script");
		Files.writeString(file, "#!/bin/sh\n" + body + "\n");
		assertThat(file.toFile().setExecutable(true)).isTrue();
		return file;
	}

	/** Neither closes its etcd nor waits for anything but a line. */
	static final class Application {

		public static void main(String[] arguments) throws IOException {
			EmbeddedEtcd etcd = EmbeddedEtcd.builder().start();
			System.out.println("process " + etcd.pid());
			System.out.println("folder " + etcd.dataDir());
			System.in.read();
			System.exit(0);
		}

	}

}
