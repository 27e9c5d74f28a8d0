package io.github.etcdlock.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;

/** What the tests tell processes through the system's {@code kill}. */
enum Signal {

	/** Ends the process without a chance to clean up. */
	KILL,

	/** Pauses the process. */
	STOP,

	/** Lets a paused process go on. */
	CONT;

	void send(long pid) {
		try {
			Process kill = new ProcessBuilder("/bin/sh", "-c", "kill -" + name() + " " + pid).inheritIO().start();
			if (!kill.waitFor(10, TimeUnit.SECONDS) || kill.exitValue() != 0) {
				throw new IllegalStateException("Process " + pid + " could not be sent " + name() + ": is it alive?");
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

}
