package io.github.etcdlock.chaos;

import java.util.List;

/** Checks of the semaphore that all workers share. */
final class Permits {

	private final Verdict verdict;

	private final Strikes strikes;

	Permits(Verdict verdict, Strikes strikes) {
		this.verdict = verdict;
		this.strikes = strikes;
	}

	/**
	 * Checks turns in the order of their tokens: all who came before one, and hold their
	 * permits beyond the moment at which it has its own, held them together with it.
	 */
	void check(String key, List<Turn> line) {
		for (int i = 0; i < line.size(); i++) {
			Turn turn = line.get(i);
			if (turn.permits() > 0) {
				long since = turn.acquired();
				List<Turn> others = line.subList(0, i)
					.stream()
					.filter((other) -> other.lastProven() > since
							&& other.lastProven() > since + this.strikes.grace(since, key, other.worker()))
					.toList();
				int held = turn.permits() + others.stream().mapToInt(Turn::permits).sum();
				this.verdict.check(Invariant.PERMITS_ARE_NOT_EXCEEDED, held <= SharedPermits.PERMITS,
						() -> turn + " with " + turn.permits() + " permits, and " + others);
			}
		}
	}

}
