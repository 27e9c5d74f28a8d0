package io.github.etcdlock.test;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

@Timeout(30)
class TcpProxyTests {

	private static final int BRIEFLY = 150;

	private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();

	private ServerSocket server;

	private TcpProxy proxy;

	@BeforeEach
	void start() throws IOException {
		this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
		daemon(() -> {
			while (true) {
				Socket connection = this.server.accept();
				daemon(() -> serve(connection));
			}
		});
		this.proxy = TcpProxy.to("http://127.0.0.1:" + this.server.getLocalPort());
	}

	@AfterEach
	void stop() throws IOException {
		this.proxy.close();
		this.server.close();
	}

	@Test
	void passesBothWays() throws IOException {
		try (Socket client = connect()) {
			request(client, "one");
			assertThat(answer(client, 5000)).isEqualTo("re: one");
			assertThat(this.proxy.connections()).isOne();
		}
		await().atMost(Duration.ofSeconds(5)).until(() -> this.proxy.connections() == 0);
	}

	@Test
	void frozenLinkStaysOpenAndDeliversLater() throws Exception {
		try (Socket client = connect()) {
			this.proxy.freeze();
			request(client, "one");
			assertSilent(client);
			assertThat(this.requests.poll(BRIEFLY, TimeUnit.MILLISECONDS)).isNull();
			this.proxy.pass();
			assertThat(answer(client, 5000)).isEqualTo("re: one");
		}
	}

	@Test
	void requestsArriveWhenOnlyAnswersAreFrozen() throws Exception {
		try (Socket client = connect()) {
			this.proxy.freezeToClient();
			request(client, "one");
			assertThat(this.requests.poll(5, TimeUnit.SECONDS)).isEqualTo("one");
			assertSilent(client);
			this.proxy.pass();
			assertThat(answer(client, 5000)).isEqualTo("re: one");
		}
	}

	@Test
	void answersArriveWhenOnlyRequestsAreFrozen() throws Exception {
		try (Socket client = connect()) {
			this.proxy.freezeToClient();
			request(client, "one");
			assertThat(this.requests.poll(5, TimeUnit.SECONDS)).isEqualTo("one");
			this.proxy.freezeToServer();
			request(client, "two");
			assertThat(answer(client, 5000)).isEqualTo("re: one");
			assertSilent(client);
		}
	}

	@Test
	void newConnectionOverAFrozenLinkIsSilent() throws IOException {
		this.proxy.freeze();
		try (Socket client = connect()) {
			request(client, "one");
			assertSilent(client);
			this.proxy.pass();
			assertThat(answer(client, 5000)).isEqualTo("re: one");
		}
	}

	@Test
	void endOfAConnectionDoesNotCrossAFrozenLink() throws Exception {
		try (Socket client = connect()) {
			request(client, "one");
			assertThat(answer(client, 5000)).isEqualTo("re: one");
			this.proxy.freeze();
			request(client, "bye");
		}
		this.requests.clear();
		assertThat(this.requests.poll(BRIEFLY, TimeUnit.MILLISECONDS)).isNull();
		this.proxy.pass();
		assertThat(this.requests.poll(5, TimeUnit.SECONDS)).isEqualTo("bye");
		assertThat(this.requests.poll(5, TimeUnit.SECONDS)).isEqualTo("(end)");
	}

	@Test
	void resetBreaksConnectionsButNotTheLink() throws IOException {
		try (Socket client = connect()) {
			request(client, "one");
			assertThat(answer(client, 5000)).isEqualTo("re: one");
			this.proxy.resetAll();
			assertThatExceptionOfType(SocketException.class).isThrownBy(() -> answer(client, 5000));
		}
		passesBothWays();
	}

	@Test
	void refusedUntilItPassesAgain() throws IOException {
		this.proxy.refuse();
		try (Socket client = connect()) {
			assertThatExceptionOfType(SocketException.class).isThrownBy(() -> {
				request(client, "one");
				answer(client, 5000);
			});
		}
		this.proxy.pass();
		passesBothWays();
	}

	@Test
	void delayIsAddedOnceToEachDirection() throws IOException {
		// the proxy cannot read two of them at once
		String padding = " ".repeat(16 * 1024);
		this.proxy.delay(Duration.ofMillis(200));
		try (Socket client = connect()) {
			long start = System.nanoTime();
			for (int i = 0; i < 60; i++) {
				request(client, "n" + i + padding);
			}
			for (int i = 0; i < 60; i++) {
				assertThat(answer(client, 5000)).isEqualTo("re: n" + i);
			}
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(400),
					Duration.ofSeconds(10));
		}
	}

	@Test
	void connectionBreaksWhenThereIsNoServer() throws IOException {
		try (TcpProxy nowhere = TcpProxy.to(LocalPort.free());
				Socket client = new Socket(InetAddress.getLoopbackAddress(), nowhere.port())) {
			assertThatExceptionOfType(SocketException.class).isThrownBy(() -> {
				request(client, "one");
				answer(client, 5000);
			});
		}
	}

	private void serve(Socket connection) throws IOException {
		try (connection) {
			BufferedReader input = new BufferedReader(new InputStreamReader(connection.getInputStream()));
			String line;
			while ((line = input.readLine()) != null) {
				this.requests.add(line.strip());
				send(connection, "re: " + line.strip());
			}
		}
		finally {
			this.requests.add("(end)");
		}
	}

	private Socket connect() throws IOException {
		return new Socket(InetAddress.getLoopbackAddress(), this.proxy.port());
	}

	private static void request(Socket client, String line) throws IOException {
		send(client, line);
	}

	private static void send(Socket socket, String line) throws IOException {
		OutputStream output = socket.getOutputStream();
		output.write((line + "\n").getBytes(StandardCharsets.UTF_8));
	}

	/**
	 * Reads byte by byte, so that a line which comes later is not swallowed by a buffer.
	 */
	private static String answer(Socket client, int timeoutMillis) throws IOException {
		client.setSoTimeout(timeoutMillis);
		StringBuilder line = new StringBuilder();
		int c;
		while ((c = client.getInputStream().read()) != '\n') {
			if (c < 0) {
				throw new SocketException("The connection ended");
			}
			line.append((char) c);
		}
		return line.toString();
	}

	private static void assertSilent(Socket client) {
		assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> answer(client, BRIEFLY));
	}

	private interface Task {

		void run() throws IOException;

	}

	/** The tests break connections, and close the server while it waits for some. */
	private void daemon(Task task) {
		Thread thread = new Thread(() -> {
			try {
				task.run();
			}
			catch (IOException ex) {
				this.requests.add("(broken)");
			}
		});
		thread.setDaemon(true);
		thread.start();
	}

}
