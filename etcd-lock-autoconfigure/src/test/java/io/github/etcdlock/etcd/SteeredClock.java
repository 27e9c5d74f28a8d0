package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** The real time, and what a test adds to it. */
final class SteeredClock extends Clock {

	private final AtomicLong leap = new AtomicLong();

	private final AtomicLong slept = new AtomicLong();

	@Override
	long nanos() {
		return super.nanos() + this.leap.get();
	}

	@Override
	long wallAhead() {
		return super.wallAhead() + this.slept.get();
	}

	/** The process, as if paused, finds that so much time has passed. */
	void leap(Duration time) {
		this.leap.addAndGet(time.toNanos());
	}

	/** The machine was suspended: only the wall clock has gone on. */
	void sleepMachine(Duration time) {
		this.slept.addAndGet(time.toNanos());
	}

}
