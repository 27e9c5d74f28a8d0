package io.github.etcdlock.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import static org.awaitility.Awaitility.await;

/** What the tests tell processes through the system's {@code kill}. */
enum Signal {

	/** Ends the process without a chance to clean up. */
	KILL,

	/** Pauses the process: none of its threads runs once this has been sent. */
	STOP,

	/** Lets a paused process go on. */
	CONT;

	void send(long pid) {
		try {
			Process kill = new ProcessBuilder("/bin/sh", "-c", "kill -" + name() + " " + pid).inheritIO().start();
			if (!kill.waitFor(10, TimeUnit.SECONDS) || kill.exitValue() != 0) {
				throw new IllegalStateException("Process " + pid + " could not be sent " + name() + ": is it alive?");
			}
			if (this == STOP) {
				awaitStop(pid);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while sending " + name() + " to process " + pid, ex);
		}
	}

	/**
	 * A process that was sent STOP runs on until each of its threads has noticed, which
	 * takes a while on a busy machine. Where the system shows no threads below /proc, the
	 * signal alone has to do.
	 */
	private static void awaitStop(long pid) {
		Path threads = Path.of("/proc", Long.toString(pid), "task");
		if (Files.isDirectory(threads)) {
			await("stop of process " + pid).pollInterval(Duration.ofMillis(1)).until(() -> areStopped(threads));
		}
	}

	private static boolean areStopped(Path threads) {
		try (Stream<Path> each = Files.list(threads)) {
			for (Path thread : each.toList()) {
				String state = Files.readString(thread.resolve("stat"));
				if (state.charAt(state.lastIndexOf(')') + 2) != 'T') {
					return false;
				}
			}
			return true;
		}
		catch (IOException ex) {
			// a thread ended while it was looked at
			return false;
		}
	}

}
