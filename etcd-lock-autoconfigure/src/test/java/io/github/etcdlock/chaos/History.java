package io.github.etcdlock.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/** Everything that happened, in the order in which the guard heard of it. */
final class History {

	/**
	 * How a worker came back after a fault.
	 *
	 * @param worker the worker
	 * @param nanos until it acquired a lock again, or {@link Turn#NEVER}
	 */
	record Recovery(String worker, long nanos) {
	}

	/**
	 * What a guarded write has written.
	 *
	 * @param ledger the lock that it was written under
	 * @param id whose write it was
	 * @param number one more than its writer has read
	 */
	record Entry(String ledger, String id, int number) {

		/** What the history calls it. */
		String name() {
			return this.ledger + "/" + this.id;
		}

	}

	private final List<Event> events = new ArrayList<>();

	private final List<Strike> strikes = new ArrayList<>();

	private final List<Strike> noticed = new ArrayList<>();

	private final List<Recovery> recoveries = new ArrayList<>();

	private final List<String> leftovers = new ArrayList<>();

	private final List<Entry> entries = new ArrayList<>();

	private @Nullable Event lastRun;

	private final Map<String, Long> lastAcquired = new HashMap<>();

	private long readyAt = Long.MIN_VALUE;

	synchronized void add(Event event) {
		this.events.add(event);
		if (event.kind() == Event.Kind.ACQUIRED) {
			this.lastAcquired.merge(event.worker(), event.at(), Math::max);
		}
		else if (event.kind() == Event.Kind.RAN) {
			this.lastRun = event;
		}
	}

	synchronized void add(Strike strike) {
		this.strikes.add(strike);
	}

	/** Something like a fault, which nobody has made. */
	synchronized void noticed(Strike strike) {
		this.noticed.add(strike);
	}

	synchronized void add(Recovery recovery) {
		this.recoveries.add(recovery);
	}

	/**
	 * Something that should not be there after the end, or an error in a worker's log.
	 */
	synchronized void leftover(String what) {
		this.leftovers.add(what);
	}

	/** From now on all workers run: before, they compete with JVMs that start. */
	synchronized void ready(long time) {
		this.readyAt = time;
	}

	synchronized long readyAt() {
		return this.readyAt;
	}

	synchronized boolean acquiredSince(String worker, long time) {
		return this.lastAcquired.getOrDefault(worker, Long.MIN_VALUE) >= time;
	}

	/** The last run of a tick, if any. */
	synchronized @Nullable Event lastRun() {
		return this.lastRun;
	}

	/** All entries of all ledgers. */
	synchronized void found(List<Entry> all) {
		this.entries.clear();
		this.entries.addAll(all);
	}

	/** Writes everything down, for whoever has to find out what happened. */
	synchronized void save(Path file) throws IOException {
		List<String> lines = new ArrayList<>();
		this.strikes.forEach((strike) -> lines.add(strike.toString()));
		this.noticed.forEach((strike) -> lines.add(strike.toString()));
		this.events.forEach((event) -> lines.add(event.line()));
		this.entries.forEach((entry) -> lines.add(entry.toString()));
		Files.write(file, lines);
	}

	synchronized List<Event> events() {
		return List.copyOf(this.events);
	}

	synchronized List<Strike> strikes() {
		return List.copyOf(this.strikes);
	}

	synchronized List<Strike> noticed() {
		return List.copyOf(this.noticed);
	}

	synchronized List<Entry> entries() {
		return List.copyOf(this.entries);
	}

	synchronized List<Recovery> recoveries() {
		return List.copyOf(this.recoveries);
	}

	synchronized List<String> leftovers() {
		return List.copyOf(this.leftovers);
	}

}
