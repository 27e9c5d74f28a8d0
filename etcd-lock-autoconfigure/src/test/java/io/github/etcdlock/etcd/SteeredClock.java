package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import org.jspecify.annotations.Nullable;

/** The real time, and what a test adds to it. */
final class SteeredClock extends Clock {

	private final AtomicLong leap = new AtomicLong();

	private final AtomicLong slept = new AtomicLong();

	private volatile @Nullable Long stoodAt;

	@Override
	long nanos() {
		Long stoodAt = this.stoodAt;
		return ((stoodAt != null) ? stoodAt : super.nanos()) + this.leap.get();
	}

	@Override
	long wallAhead() {
		return super.wallAhead() + this.slept.get();
	}

	/** From now on no time passes but by leaps. */
	void stand() {
		this.stoodAt = super.nanos();
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
