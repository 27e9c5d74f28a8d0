package io.github.etcdlock.etcd;

/** The engine's only source of time. */
class Clock {

	/** The time every deadline is measured with. */
	long nanos() {
		return System.nanoTime();
	}

	/**
	 * How far the wall clock is ahead of the monotonic one, in nanoseconds. Only changes
	 * mean something: it grows when the machine was suspended, because the monotonic
	 * clock stands still then, and leases do not.
	 */
	long wallAhead() {
		return System.currentTimeMillis() * 1_000_000 - System.nanoTime();
	}

}
