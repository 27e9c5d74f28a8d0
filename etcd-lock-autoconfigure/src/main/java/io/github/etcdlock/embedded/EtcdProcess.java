package io.github.etcdlock.embedded;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A child process that never outlives this JVM, and the last lines it logged. */
final class EtcdProcess {

	private static final Logger logger = LoggerFactory.getLogger(EtcdProcess.class);

	private static final int LINES_KEPT = 200;

	/**
	 * The shell becomes the program, so that the process id and the exit code are the
	 * program's. Before that it leaves a watcher behind that reads a pipe nobody writes
	 * to. The pipe ends when the program does or when this JVM does, however it was
	 * killed: then the watcher kills the program and removes the folder, in case nobody
	 * else can.
	 */
	private static final String GUARD = """
			exec 3<&0 </dev/null
			(
				trap '' HUP INT TERM
				read -r end <&3
				kill -9 $$
				test -z "$0" || { sleep 1; rm -rf "$0"; }
			) >/dev/null 2>&1 &
			exec 3<&-
			exec "$@"
			""";

	/** A session of its own, where the system has that: Ctrl-C is for the application. */
	private static final String OWN_SESSION = "exec $(command -v setsid) /bin/sh -c \"$@\"";

	private final Process process;

	private final Deque<String> lines = new ArrayDeque<>();

	private final Thread reader;

	/**
	 * Starts the program.
	 * @param command the program and its arguments
	 * @param folder what to remove if this JVM is killed, or null
	 */
	EtcdProcess(List<String> command, @Nullable Path folder) throws IOException {
		List<String> guarded = new ArrayList<>(
				List.of("/bin/sh", "-c", OWN_SESSION, "sh", GUARD, (folder != null) ? folder.toString() : ""));
		guarded.addAll(command);
		ProcessBuilder builder = new ProcessBuilder(guarded).redirectErrorStream(true);
		prepare(builder.environment());
		this.process = builder.start();
		this.reader = new Thread(this::read, "etcd-lock-embedded-log");
		this.reader.setDaemon(true);
		this.reader.start();
	}

	/** What is in the environment for etcd's clients must not configure this server. */
	static void prepare(Map<String, String> environment) {
		environment.keySet().removeIf((name) -> name.startsWith("ETCD_"));
		if (System.getProperty("os.arch").equals("aarch64")) {
			environment.put("ETCD_UNSUPPORTED_ARCH", "arm64");
		}
	}

	long pid() {
		return this.process.pid();
	}

	boolean isAlive() {
		return this.process.isAlive();
	}

	int exitValue() {
		return this.process.exitValue();
	}

	void onExit(Runnable action) {
		this.process.onExit().thenRun(action);
	}

	boolean awaitExit(Duration time) throws InterruptedException {
		return this.process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
	}

	/** The last lines; all of them once the process has ended. */
	List<String> lines() {
		if (!this.process.isAlive()) {
			joinReader();
		}
		synchronized (this.lines) {
			return List.copyOf(this.lines);
		}
	}

	/** Ends the process, gently for the given time. */
	void stop(Duration grace) {
		try {
			if (!grace.isZero()) {
				this.process.destroy();
				if (awaitExit(grace)) {
					return;
				}
			}
			this.process.destroyForcibly().waitFor();
		}
		catch (InterruptedException ex) {
			this.process.destroyForcibly();
			Thread.currentThread().interrupt();
		}
	}

	private void read() {
		try (BufferedReader output = this.process.inputReader(StandardCharsets.UTF_8)) {
			String line;
			while ((line = output.readLine()) != null) {
				logger.debug("{}", line);
				keep(line);
			}
		}
		catch (IOException ex) {
			logger.debug("The log of etcd ended", ex);
		}
	}

	private void keep(String line) {
		synchronized (this.lines) {
			if (this.lines.size() == LINES_KEPT) {
				this.lines.removeFirst();
			}
			this.lines.addLast(line);
		}
	}

	private void joinReader() {
		try {
			this.reader.join(TimeUnit.SECONDS.toMillis(1));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
