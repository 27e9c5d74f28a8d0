package io.github.etcdlock.test;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * A main class of this class path in a JVM of its own, to be talked to in lines, killed
 * and paused. It ends with {@link #close()}, and with this JVM even if that is killed.
 */
public final class ChildJvm implements AutoCloseable {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	/**
	 * Reads a pipe nobody writes to: it ends when this JVM does, and then so does the
	 * child.
	 */
	private static final String GUARD = "trap '' HUP INT TERM; read -r end; kill -9 $0";

	private final Process process;

	private final Process guard;

	private final BufferedWriter input;

	private final BlockingQueue<String> unread = new LinkedBlockingQueue<>();

	private final List<String> output = new CopyOnWriteArrayList<>();

	private ChildJvm(List<String> command, Map<String, String> environment) throws IOException {
		ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
		builder.environment().putAll(environment);
		this.process = builder.start();
		this.guard = new ProcessBuilder("/bin/sh", "-c", "exec $(command -v setsid) /bin/sh -c \"$@\"", "sh", GUARD,
				Long.toString(this.process.pid()))
			.start();
		this.process.onExit().thenRun(this.guard::destroyForcibly);
		this.input = this.process.outputWriter();
		Thread reader = new Thread(this::read, "child " + this.process.pid());
		reader.setDaemon(true);
		reader.start();
	}

	/**
	 * Starts a main class.
	 * @param main the class with the main method
	 * @param arguments what its main method gets
	 * @return the running JVM; close it
	 */
	public static ChildJvm start(Class<?> main, String... arguments) {
		return start(List.of(), main, arguments);
	}

	/**
	 * Starts a main class with options for its JVM.
	 * @param options the options, as in {@code -Dname=value}
	 * @param main the class with the main method
	 * @param arguments what its main method gets
	 * @return the running JVM; close it
	 */
	public static ChildJvm start(List<String> options, Class<?> main, String... arguments) {
		return start(Map.of(), options, main, arguments);
	}

	/**
	 * Starts a main class with environment variables and with options for its JVM.
	 * @param environment the variables it gets besides those of this JVM
	 * @param options the options, as in {@code -Dname=value}
	 * @param main the class with the main method
	 * @param arguments what its main method gets
	 * @return the running JVM; close it
	 */
	public static ChildJvm start(Map<String, String> environment, List<String> options, Class<?> main,
			String... arguments) {
		return start(Path.of(System.getProperty("java.home")), environment, options, main, arguments);
	}

	/**
	 * Starts a main class in another JDK.
	 * @param home where the JDK is
	 * @param options the options, as in {@code -Dname=value}
	 * @param main the class with the main method
	 * @param arguments what its main method gets
	 * @return the running JVM; close it
	 */
	public static ChildJvm start(Path home, List<String> options, Class<?> main, String... arguments) {
		return start(home, Map.of(), options, main, arguments);
	}

	private static ChildJvm start(Path home, Map<String, String> environment, List<String> options, Class<?> main,
			String... arguments) {
		List<String> command = new ArrayList<>();
		command.add(home.resolve(Path.of("bin", "java")).toString());
		command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"));
		command.addAll(options);
		command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
		command.addAll(List.of(arguments));
		try {
			return new ChildJvm(command, environment);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * The process id.
	 * @return the process id
	 */
	public long pid() {
		return this.process.pid();
	}

	/**
	 * Whether the JVM runs or is paused.
	 * @return true until it has ended
	 */
	public boolean isAlive() {
		return this.process.isAlive();
	}

	/**
	 * Sends a line to the standard input of the JVM.
	 * @param line the line
	 */
	public void send(String line) {
		try {
			this.input.write(line);
			this.input.newLine();
			this.input.flush();
		}
		catch (IOException ex) {
			throw new UncheckedIOException("The child cannot be told \"" + line + "\"; " + outputSoFar(), ex);
		}
	}

	/**
	 * Waits up to half a minute for a line, and passes over others such as log lines.
	 * @param prefix how the line starts
	 * @return the rest of the line, without blanks around it
	 */
	public String expect(String prefix) {
		return expect(prefix, PATIENCE);
	}

	/**
	 * Waits for a line, and passes over others such as log lines.
	 * @param prefix how the line starts
	 * @param time how long to wait
	 * @return the rest of the line, without blanks around it
	 */
	public String expect(String prefix, Duration time) {
		long start = System.nanoTime();
		while (true) {
			String line = next(time.minusNanos(System.nanoTime() - start));
			if (line == null) {
				throw new AssertionError("The child did not print \"" + prefix + "\" within " + time.toMillis()
						+ " ms; " + outputSoFar());
			}
			if (line.startsWith(prefix)) {
				return line.substring(prefix.length()).strip();
			}
		}
	}

	/**
	 * Everything the JVM has printed, errors too.
	 * @return the lines
	 */
	public List<String> output() {
		return List.copyOf(this.output);
	}

	/** Kills the JVM, which gets no chance to clean up, and waits for its end. */
	public void kill() {
		this.process.destroyForcibly();
		awaitExit();
	}

	/** Pauses the JVM with all its threads. */
	public void pause() {
		Signal.STOP.send(pid());
	}

	/** Lets a paused JVM go on. */
	public void resume() {
		Signal.CONT.send(pid());
	}

	/**
	 * Waits up to half a minute for the end of the JVM.
	 * @return its exit code
	 */
	public int awaitExit() {
		try {
			if (this.process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
				return this.process.exitValue();
			}
			throw new AssertionError("The child did not end; " + outputSoFar());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while waiting for the end of the child", ex);
		}
	}

	/** Kills the JVM if it still runs. */
	@Override
	public void close() {
		this.process.destroyForcibly();
	}

	private @Nullable String next(Duration time) {
		try {
			return this.unread.poll(time.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while waiting for the child", ex);
		}
	}

	private void read() {
		try (BufferedReader reader = this.process.inputReader()) {
			String line;
			while ((line = reader.readLine()) != null) {
				this.output.add(line);
				this.unread.add(line);
			}
		}
		catch (IOException ex) {
			this.output.add("(the output broke off: " + ex.getMessage() + ")");
		}
	}

	private String outputSoFar() {
		return "its output so far:" + System.lineSeparator() + String.join(System.lineSeparator(), this.output);
	}

}
