package io.github.etcdlock.chaos;

import java.time.Duration;

/**
 * A schedule that every worker has, each with a clock that is a little off, and of which
 * one run for each tick is wanted. All clocks and delays together stay below the time the
 * key is kept: who is later than that does not run.
 */
final class ScheduledRuns implements Workload {

	static final String KEY = "tick";

	static final Duration PERIOD = Duration.ofSeconds(4);

	static final Duration MINIMUM = Duration.ofMillis(1600);

	static final Duration LATEST = Duration.ofMillis(1200);

	private static final int MOST_SKEW_MILLIS = 300;

	private long skew = -1;

	/** What the history calls the run of a tick. */
	static String run(long tick) {
		return KEY + "-" + tick;
	}

	@Override
	public void step(Client client) throws InterruptedException {
		if (this.skew < 0) {
			this.skew = Duration.ofMillis(client.random().nextInt(MOST_SKEW_MILLIS)).toNanos();
		}
		long period = PERIOD.toNanos();
		long tick = Math.floorDiv(System.nanoTime() - this.skew, period) + 1;
		client.runOnce(KEY, tick, tick * period + this.skew);
	}

}
