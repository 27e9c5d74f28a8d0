package io.github.etcdlock.chaos;

import java.util.List;
import java.util.TreeMap;

import io.github.etcdlock.chaos.Event.Kind;

/** Checks of the schedule that all workers share. */
final class Ticks {

	private final Verdict verdict;

	private final History history;

	private final long ttl;

	private final Strikes strikes;

	Ticks(Verdict verdict, History history, Strikes strikes, long ttl) {
		this.verdict = verdict;
		this.history = history;
		this.ttl = ttl;
		this.strikes = strikes;
	}

	/** Checks turns in the order of their tokens. */
	void check(List<Turn> line) {
		for (int i = 1; i < line.size(); i++) {
			Turn before = line.get(i - 1);
			Turn turn = line.get(i);
			long kept = before.asked() + ScheduledRuns.MINIMUM.toNanos();
			this.verdict.check(Invariant.MINIMUM_IS_KEPT,
					turn.acquired() >= kept || broken(turn.acquired(), before.worker()), () -> before + " and " + turn);
		}
		TreeMap<Long, Event> runs = runs();
		if (!runs.isEmpty()) {
			for (long tick = runs.firstKey() + 1; tick < runs.lastKey(); tick++) {
				checkSkipped(runs, tick);
			}
		}
	}

	private boolean broken(long time, String worker) {
		return this.strikes.brokenWord(time, ScheduledRuns.KEY, worker);
	}

	private TreeMap<Long, Event> runs() {
		TreeMap<Long, Event> runs = new TreeMap<>();
		for (Event event : this.history.events()) {
			if (event.kind() == Kind.RAN) {
				Event other = runs.putIfAbsent(tick(event), event);
				this.verdict.check(Invariant.ONE_RUN_A_TICK, other == null || broken(event.at(), other.worker()),
						() -> other + " and " + event);
			}
		}
		return runs;
	}

	private static long tick(Event event) {
		return Long.parseLong(event.key().substring(ScheduledRuns.run(0).length() - 1));
	}

	private void checkSkipped(TreeMap<Long, Event> runs, long tick) {
		long due = tick * ScheduledRuns.PERIOD.toNanos();
		String last = runs.lowerEntry(tick).getValue().worker();
		boolean excused = due - ScheduledRuns.PERIOD.toNanos() <= this.history.readyAt() || this.strikes.all()
			.stream()
			.anyMatch((strike) -> strike.hits(last)
					&& strike.overlaps(due, due + ScheduledRuns.LATEST.toNanos(), this.ttl + Checker.SECOND));
		this.verdict.check(Invariant.NO_TICK_IS_SKIPPED, runs.containsKey(tick) || excused,
				() -> "tick " + tick + ", due at " + due);
	}

}
