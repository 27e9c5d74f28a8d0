package io.github.etcdlock.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A server that somebody else wrote: its process, its port and its temporary folder. */
final class ServerProcess implements AutoCloseable {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	/**
	 * Kills the server when this JVM ends, for then the pipe that nobody writes to does.
	 */
	private static final String GUARD = "exec 3<&0 </dev/null; (read -r end <&3; kill -9 $$) >/dev/null 2>&1 & "
			+ "exec 3<&-; exec \"$@\"";

	private final Process process;

	private final int port;

	private final Path folder;

	private ServerProcess(Process process, int port, Path folder) {
		this.process = process;
		this.port = port;
		this.folder = folder;
	}

	/** Returns when it listens on its port. */
	static ServerProcess start(List<String> command, Path libraries, int port, Path folder)
			throws IOException, InterruptedException {
		List<String> guarded = new ArrayList<>(List.of("/bin/sh", "-c", GUARD, "sh"));
		guarded.addAll(command);
		ProcessBuilder builder = new ProcessBuilder(guarded).redirectErrorStream(true)
			.redirectOutput(folder.resolve("output").toFile());
		builder.environment().put("LD_LIBRARY_PATH", libraries.toString());
		ServerProcess server = new ServerProcess(builder.start(), port, folder);
		server.awaitPort();
		return server;
	}

	static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	private void awaitPort() throws IOException, InterruptedException {
		long start = System.nanoTime();
		while (!listens()) {
			if (System.nanoTime() - start > PATIENCE.toNanos() || !this.process.isAlive()) {
				String output = Files.readString(this.folder.resolve("output"));
				close();
				throw new IOException("it did not start: " + output);
			}
			Thread.sleep(20);
		}
	}

	private boolean listens() {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), this.port)) {
			return socket.isConnected();
		}
		catch (IOException ex) {
			return false;
		}
	}

	String address() {
		return "127.0.0.1:" + this.port;
	}

	long pid() {
		return this.process.pid();
	}

	/**
	 * Asks in plain text: reads until the server says no more, or the line that ends it.
	 */
	static String ask(String address, String question, String last) {
		String[] parts = address.split(":");
		try (Socket socket = new Socket(parts[0], Integer.parseInt(parts[1]))) {
			socket.setSoTimeout((int) PATIENCE.toMillis());
			socket.getOutputStream().write(question.getBytes(StandardCharsets.US_ASCII));
			StringBuilder answer = new StringBuilder();
			byte[] buffer = new byte[8192];
			int n = 0;
			while (n >= 0 && answer.indexOf(last) < 0) {
				answer.append(new String(buffer, 0, n, StandardCharsets.US_ASCII));
				n = (answer.indexOf(last) < 0) ? socket.getInputStream().read(buffer) : -1;
			}
			return answer.toString();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void close() {
		this.process.destroyForcibly().onExit().join();
		delete(this.folder);
	}

	static void delete(Path folder) {
		try (Stream<Path> files = Files.walk(folder)) {
			for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
				Files.deleteIfExists(file);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
