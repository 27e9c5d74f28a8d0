package io.github.etcdlock.chaos;

import java.util.List;
import java.util.function.LongPredicate;
import java.util.function.Supplier;

import io.github.etcdlock.chaos.Fault.Harm;
import io.github.etcdlock.chaos.Fault.Price;
import org.jspecify.annotations.Nullable;

/**
 * Checks of one lock's history: how soon, and in what order, those who wait are served.
 */
final class Pace {

	/** Until the key of whoever asks is surely in etcd, when nothing is broken. */
	static final long ARRIVAL = Checker.SECOND;

	/** How many passes a turn of one process can have: the token counts them. */
	private static final long PASSES = 4096;

	private final Verdict verdict;

	private final Strikes strikes;

	private final Waits waits;

	private final long readyAt;

	private final long ttl;

	Pace(Verdict verdict, History history, Strikes strikes, Waits waits, long ttl) {
		this.verdict = verdict;
		this.strikes = strikes;
		this.waits = waits;
		this.readyAt = history.readyAt();
		this.ttl = ttl;
	}

	/**
	 * Checks turns in the order of their tokens, each with the one that ended last before
	 * it, and whether anybody still waits after the last.
	 */
	void check(String key, List<Turn> line) {
		Turn last = null;
		for (int i = 0; i < line.size(); i++) {
			Turn turn = line.get(i);
			checkFree(key, last, turn);
			if (last != null) {
				checkRelease(key, last, turn);
				checkOrder(key, line, i);
			}
			if (last == null || endOrFault(turn) > endOrFault(last)) {
				last = turn;
			}
		}
		checkFree(key, last, null);
		if (last != null) {
			checkRelease(key, last, null);
		}
	}

	/**
	 * Counts the time that a lock was free though somebody waited for it, whoever that
	 * was and whatever became of him. Looks at it whenever another fault begins, which
	 * would excuse what comes after.
	 */
	private void checkFree(String key, @Nullable Turn before, @Nullable Turn turn) {
		long from = (before != null) ? Math.max(this.readyAt, endOrFault(before)) : this.readyAt;
		long to = (turn != null) ? turn.acquired() : this.waits.end();
		LongPredicate kept = (time) -> this.waits.waited(key, from, time) <= bound(key, turn, from, time);
		boolean soon = to - this.ttl - Checker.SECOND <= from;
		boolean holds = soon || kept.test(to) && this.strikes.all()
			.stream()
			.mapToLong(Strike::from)
			.filter((time) -> time > from && time < to)
			.allMatch((time) -> kept.test(time - 1));
		this.verdict.check(permits(key) ? Invariant.PERMITS_ARE_FREED : Invariant.STUCK_BOUND, holds,
				() -> key + ": free for " + millis(this.waits.waited(key, from, to))
						+ " ms with somebody waiting, from " + from + " to " + to + ", after " + before + " before "
						+ turn);
	}

	/**
	 * Whoever stood behind a holder that released its lock gets it, if nothing is broken.
	 */
	private void checkRelease(String key, Turn before, @Nullable Turn turn) {
		boolean excludes = (turn != null) ? before.excludes(turn) : !before.shared();
		if (!excludes || before.released() == Turn.NEVER || before.wasLost()) {
			return;
		}
		long released = before.releasing();
		long until = (turn != null) ? turn.acquired() : Turn.NEVER;
		boolean soon = turn != null && until <= released + Checker.SECOND;
		if (soon && turn.asked() >= released) {
			return;
		}
		long waited = soon ? until : Math.min(until, this.waits.longest(key, released));
		long due = Math.min(waited, released + Checker.SECOND);
		if (waited > released && calm(released, due)) {
			checkCalm(Invariant.NO_LOST_RELEASE, released, due, waited - released <= Checker.SECOND,
					() -> key + ": somebody waited for " + millis(waited - released) + " ms after the release of "
							+ before + " before " + turn);
		}
	}

	private static boolean permits(String key) {
		return key.equals(SharedPermits.KEY);
	}

	/**
	 * A fault on its worker may be the end of its use: then nothing is proven any more.
	 */
	private long endOrFault(Turn turn) {
		return this.strikes.all()
			.stream()
			.filter((strike) -> strike.victim().equals(turn.worker())
					&& strike.overlaps(turn.acquired(), turn.end(), 0))
			.mapToLong((strike) -> Math.max(strike.from(), turn.lastProven()))
			.min()
			.orElse(turn.end());
	}

	/**
	 * What it may take for a dead holder's lease to end, and then for the leases of those
	 * who stood ahead, also for another of several keys, and were cut off when it was
	 * their turn: each has its own time. A new leader starts the time of all leases anew,
	 * and in a stall none ends.
	 */
	private long bound(String key, @Nullable Turn turn, long from, long to) {
		long asked = (turn != null) ? turn.asked() : to;
		long bound = this.ttl + Checker.SECOND;
		List<String> lines = SeveralKeys.KEYS.contains(key) ? SeveralKeys.KEYS : List.of(key);
		for (Strike strike : this.strikes.all()) {
			if (strike.harm() == Harm.LEADER) {
				bound += strike.overlaps(from, to, this.ttl) ? this.ttl + 3 * Checker.SECOND : 0;
			}
			else if (strike.harm() == Harm.MACHINE) {
				bound += this.strikes.whileLeaderChanged(strike) ? 0 : stalled(strike, from, to);
			}
			else if (lines.stream().anyMatch((line) -> this.waits.hitsOneAhead(strike, line, asked, from, to))) {
				bound += this.ttl + Checker.SECOND;
			}
		}
		return bound;
	}

	/** Itself, and the time of one who stood ahead, if it may have cut him off. */
	private long stalled(Strike stall, long from, long to) {
		boolean costs = stall.price() != Price.NOTHING && stall.overlaps(from, to, 0);
		return stall.within(from, to) + (costs ? this.ttl + Checker.SECOND : 0);
	}

	private boolean calm(long begin, long end) {
		return begin > this.readyAt && this.strikes.calm(begin, end);
	}

	/**
	 * Counts what must hold when nothing is broken. That it does not when the machine was
	 * short of time says nothing.
	 */
	private void checkCalm(Invariant invariant, long begin, long end, boolean holds, Supplier<String> otherwise) {
		if (holds || this.strikes.unnoticed(begin, end)) {
			this.verdict.check(invariant, holds, otherwise);
		}
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
			boolean permits = served.permits() > 0;
			checkCalm(permits ? Invariant.PERMITS_ARE_FAIR : Invariant.NO_OVERTAKING, turn.asked(), turn.acquired(),
					served.asked() <= turn.asked() + ARRIVAL || served.token() % PASSES != 0
							|| (served.shared() && !permits),
					() -> key + ": " + served + " overtook " + turn + ", who had asked at " + turn.asked());
		}
	}

	private static long millis(long nanos) {
		return nanos / 1_000_000;
	}

}
