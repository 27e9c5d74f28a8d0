package io.github.etcdlock.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A main class of this class path in a JVM of its own, to be talked to in lines. It ends
 * when its standard input does, and so with this JVM.
 */
final class JavaProcess implements AutoCloseable {

	/** What it says instead of the answer if it could not obey. */
	static final String FAILED = "failed: ";

	private static final long PATIENCE_SECONDS = 180;

	private final Process process;

	private final BufferedWriter input;

	private final BlockingQueue<String> output = new LinkedBlockingQueue<>();

	private JavaProcess(Process process) {
		this.process = process;
		this.input = process.outputWriter();
		Thread reader = new Thread(this::read, "output of " + process.pid());
		reader.setDaemon(true);
		reader.start();
	}

	static JavaProcess start(Class<?> main, List<String> options, String... arguments) throws IOException {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.addAll(options);
		command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
		command.addAll(List.of(arguments));
		return new JavaProcess(new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
	}

	long pid() {
		return this.process.pid();
	}

	void send(String line) {
		try {
			this.input.write(line);
			this.input.newLine();
			this.input.flush();
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Process " + pid() + " cannot be told \"" + line + "\"", ex);
		}
	}

	/** The rest of the next line that starts like this. */
	String expect(String start) {
		try {
			while (true) {
				String line = this.output.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
				if (line != null && line.startsWith(FAILED)) {
					throw new IllegalStateException("Process " + pid() + " " + line.trim());
				}
				if (line == null || line.isEmpty()) {
					throw new IllegalStateException("Process " + pid() + " did not say \"" + start + "\" in time"
							+ (this.process.isAlive() ? "" : ": it has ended"));
				}
				if (line.startsWith(start)) {
					return line.substring(start.length()).trim();
				}
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while waiting for process " + pid(), ex);
		}
	}

	String ask(String line, String answer) {
		send(line);
		return expect(answer);
	}

	private void read() {
		try (BufferedReader reader = this.process.inputReader()) {
			for (String line = reader.readLine(); line != null; line = reader.readLine()) {
				this.output.add(line + " ");
			}
		}
		catch (IOException ex) {
			this.output.add("The output broke off: " + ex.getMessage());
		}
		this.output.add("");
	}

	@Override
	public void close() {
		this.process.destroyForcibly();
	}

}
