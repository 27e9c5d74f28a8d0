package io.github.etcdlock.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.etcdlock.test.ChildJvm;

/** A worker, its current JVM, and its link to etcd. */
final class WorkerProcess implements AutoCloseable {

	private static final List<String> OPTIONS = List.of("-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
			"-D" + Client.REST + "=" + Client.restFactor());

	private static final Duration PATIENCE = Duration.ofMinutes(2);

	private final String name;

	private final Link link;

	private final WallClock clock;

	private final List<String> settings;

	private final History history;

	private ChildJvm child;

	private int life;

	/**
	 * Starts a worker, which is ready some time later.
	 * @param settings what its main method gets after its name, without the endpoints and
	 * workloads
	 */
	WorkerProcess(String name, Link link, WallClock clock, List<String> settings, String workloads, History history) {
		this.name = name;
		this.link = link;
		this.clock = clock;
		this.settings = new ArrayList<>(settings);
		this.settings.addAll(List.of(link.endpoints(), workloads));
		this.history = history;
		this.child = start();
	}

	String name() {
		return this.name;
	}

	Link link() {
		return this.link;
	}

	WallClock clock() {
		return this.clock;
	}

	void awaitReady() {
		this.child.expect("ready", PATIENCE);
	}

	/** Kills it, and starts it again. */
	void killAndRestart() {
		this.child.kill();
		this.clock.forget(this.child.pid());
		noteErrors();
		this.child = start();
		awaitReady();
	}

	void pause() {
		this.child.pause();
	}

	void resume() {
		this.child.resume();
	}

	void requireAlive() {
		if (!this.child.isAlive()) {
			throw new IllegalStateException(
					"Worker " + this.name + " ended by itself: " + String.join("\n", this.child.output()));
		}
	}

	void askToStop() {
		this.child.send("stop");
	}

	/** Waits until it has ended by itself; what it leaves goes into the history. */
	void awaitStop() {
		String left = this.child.expect("left ", PATIENCE);
		if (!left.equals("[]")) {
			this.history.leftover(this.name + " could not end " + left);
		}
		noteErrors();
		this.child.awaitExit();
	}

	@Override
	public void close() {
		this.child.close();
		this.clock.forget(this.child.pid());
		this.clock.close();
		this.link.close();
	}

	private ChildJvm start() {
		this.life++;
		List<String> arguments = new ArrayList<>(List.of(this.name + "." + this.life));
		arguments.addAll(this.settings);
		return ChildJvm.start(this.clock.environment(), OPTIONS, Worker.class, arguments.toArray(String[]::new));
	}

	private void noteErrors() {
		this.child.output()
			.stream()
			.filter((line) -> line.contains(" ERROR ") || line.startsWith("Exception in thread"))
			.forEach((line) -> this.history.leftover(this.name + " logged " + line));
	}

}
