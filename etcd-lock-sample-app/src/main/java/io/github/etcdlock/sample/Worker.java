package io.github.etcdlock.sample;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An instance in a JVM of its own, which this process has started and may end. */
final class Worker {

	private static final long PATIENCE_SECONDS = 10;

	/** What it goes through. */
	enum State {

		/** Its JVM runs, and does what it should. */
		RUNNING,

		/** Its JVM is stopped, and knows nothing of it. */
		PAUSED,

		/** Its link to etcd lets nothing through. */
		FROZEN,

		/** It has ended, for good. */
		ENDED

	}

	private final String name;

	private final Process process;

	private final List<Link> links;

	private volatile State state = State.RUNNING;

	Worker(String name, Process process, List<Link> links) {
		this.name = name;
		this.process = process;
		this.links = links;
	}

	String name() {
		return this.name;
	}

	long pid() {
		return this.process.pid();
	}

	State state() {
		return this.process.isAlive() ? this.state : State.ENDED;
	}

	void pause() {
		signal("STOP");
		this.state = State.PAUSED;
	}

	void resume() {
		signal("CONT");
		this.state = State.RUNNING;
	}

	void freeze(boolean frozen) {
		if (this.links.isEmpty()) {
			throw new BusyException(
					"The links of this instance cannot be frozen: that needs endpoints without TLS, and no dns:/// one");
		}
		this.links.forEach((link) -> link.freeze(frozen));
		this.state = frozen ? State.FROZEN : State.RUNNING;
	}

	/** Ends it without a chance to clean up. */
	void kill() {
		this.process.destroyForcibly();
		await();
	}

	/** Ends it in good order, or by force if it takes too long. */
	void stop() {
		if (state() == State.PAUSED) {
			resume();
		}
		this.process.destroy();
		try {
			if (!this.process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
				kill();
			}
		}
		catch (InterruptedException ex) {
			this.process.destroyForcibly();
			Thread.currentThread().interrupt();
		}
	}

	private void signal(String name) {
		if (!this.process.isAlive()) {
			throw new BusyException("The instance " + this.name + " does not run any more");
		}
		try {
			Process kill = new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + pid()).inheritIO().start();
			if (kill.waitFor() != 0) {
				throw new IllegalStateException("The instance " + this.name + " could not be sent " + name);
			}
		}
		catch (IOException ex) {
			throw new IllegalStateException("The instance " + this.name + " could not be sent " + name, ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while the instance " + this.name + " was sent " + name, ex);
		}
	}

	private void await() {
		try {
			this.process.waitFor();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
