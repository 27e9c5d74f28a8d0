package io.github.etcdlock.chaos;

import java.time.Duration;
import io.github.etcdlock.LockHandle;

/** A lock that is held, as far as the suite uses it. */
interface Hold {

	long token();

	/** Whether others may hold it too. */
	default boolean shared() {
		return false;
	}

	/** How many permits of a semaphore it is, or 0 of a lock. */
	default int permits() {
		return 0;
	}

	boolean isHeld();

	/** What guards are given; not of locks that are broken on purpose. */
	default LockHandle handle() {
		throw new UnsupportedOperationException();
	}

	void onLost(Runnable action);

	/** Keeps the lock for a minimum time. */
	default void holdAtLeast(Duration time) {
		throw new UnsupportedOperationException("This lock cannot be kept");
	}

	void close();

}
