package io.github.etcdlock.chaos;

import java.util.List;

import io.github.etcdlock.chaos.Fault.Harm;

/**
 * Checks of one lock's history: how soon, and in what order, those who wait are served.
 */
final class Pace {

	/** Until the key of whoever asks is surely in etcd, when nothing is broken. */
	private static final long ARRIVAL = Checker.SECOND;

	/** How many passes a turn of one process can have: the token counts them. */
	private static final long PASSES = 4096;

	private final Verdict verdict;

	private final List<Strike> strikes;

	private final long readyAt;

	private final long ttl;

	Pace(Verdict verdict, History history, long ttl) {
		this.verdict = verdict;
		this.strikes = history.strikes();
		this.readyAt = history.readyAt();
		this.ttl = ttl;
	}

	/**
	 * Checks turns in the order of their tokens, each with the one that ended last before
	 * it.
	 */
	void check(String key, List<Turn> line) {
		Turn last = line.get(0);
		for (int i = 1; i < line.size(); i++) {
			Turn turn = line.get(i);
			Turn before = last;
			long free = Math.max(turn.asked(), endOrFault(before));
			this.verdict.check(Invariant.STUCK_BOUND, turn.acquired() - free <= bound(turn, free), () -> key
					+ ": free for " + millis(turn.acquired() - free) + " ms after " + before + " before " + turn);
			if (before.excludes(turn) && cleanly(before, turn)) {
				this.verdict.check(Invariant.NO_LOST_RELEASE, turn.acquired() - before.releasing() <= Checker.SECOND,
						() -> key + ": " + millis(turn.acquired() - before.releasing()) + " ms after the release of "
								+ before + " before " + turn);
			}
			checkOrder(key, line, i);
			if (endOrFault(turn) > endOrFault(before)) {
				last = turn;
			}
		}
	}

	/**
	 * A fault on its worker may be the end of its use: then nothing is proven any more.
	 */
	private long endOrFault(Turn turn) {
		return this.strikes.stream()
			.filter((strike) -> strike.victim().equals(turn.worker())
					&& strike.overlaps(turn.acquired(), turn.end(), 0))
			.mapToLong((strike) -> Math.max(strike.from(), turn.lastProven()))
			.min()
			.orElse(turn.end());
	}

	private long bound(Turn turn, long free) {
		long bound = this.ttl + Checker.SECOND;
		for (Strike strike : this.strikes) {
			if (strike.overlaps(free, turn.acquired(), this.ttl)) {
				if (strike.fault().harm() == Harm.LEADER) {
					bound += this.ttl + 3 * Checker.SECOND + strike.length();
				}
				else if (strike.hits(turn.worker())) {
					bound += this.ttl + strike.length();
				}
			}
		}
		return bound;
	}

	/**
	 * Whether a waiter stood behind a holder that released its lock, and nothing was
	 * broken.
	 */
	private boolean cleanly(Turn before, Turn turn) {
		return before.released() != Turn.NEVER && !before.wasLost() && turn.asked() < before.releasing()
				&& calm(before.releasing(), turn.acquired());
	}

	private boolean calm(long begin, long end) {
		return begin > this.readyAt
				&& this.strikes.stream().noneMatch((strike) -> strike.overlaps(begin, end, this.ttl + Checker.SECOND));
	}

	/**
	 * Nobody who asked clearly later, in another process, may have been served while this
	 * one waited as the first of its own process. A pass within a turn is no new place in
	 * the line.
	 */
	private void checkOrder(String key, List<Turn> line, int index) {
		Turn turn = line.get(index);
		if (!calm(turn.asked(), turn.acquired())) {
			return;
		}
		for (int i = index - 1; i >= 0 && line.get(i).acquired() >= turn.asked(); i--) {
			if (line.get(i).worker().equals(turn.worker())) {
				return;
			}
		}
		for (int i = index - 1; i >= 0 && line.get(i).acquired() >= turn.asked(); i--) {
			Turn served = line.get(i);
			this.verdict.check(Invariant.NO_OVERTAKING,
					served.asked() <= turn.asked() + ARRIVAL || served.token() % PASSES != 0 || served.shared(),
					() -> key + ": " + served + " overtook " + turn + ", who had asked at " + turn.asked());
		}
	}

	private static long millis(long nanos) {
		return nanos / 1_000_000;
	}

}
