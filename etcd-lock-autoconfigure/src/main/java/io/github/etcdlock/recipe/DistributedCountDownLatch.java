package io.github.etcdlock.recipe;

import java.time.Duration;

/**
 * Keeps those who wait until it was counted down often enough. What was counted stays
 * counted, whoever dies or ends: {@link #reset()} begins the next use, and clears what a
 * use that was broken off has left. Each count is taken once, though etcd's answer may be
 * lost. Safe for use by many threads.
 */
public interface DistributedCountDownLatch {

	/**
	 * Counts down by one; does nothing once it is open.
	 * @throws io.github.etcdlock.LockUnavailableException if etcd does not answer; the
	 * message says whether it may have been counted
	 * @throws IllegalStateException if it is used with another count elsewhere
	 */
	void countDown();

	/**
	 * How many counts are missing.
	 * @return the number; 0 when it is open
	 * @throws io.github.etcdlock.LockUnavailableException if etcd does not answer
	 */
	int count();

	/**
	 * Waits until it is open. Returns at once if it is.
	 * @param wait how long at most
	 * @return whether it is open; false when the time is over
	 * @throws InterruptedException if the thread is interrupted while it waits
	 * @throws io.github.etcdlock.LockUnavailableException if etcd refuses to tell
	 */
	boolean await(Duration wait) throws InterruptedException;

	/**
	 * Begins to count anew.
	 * @throws io.github.etcdlock.LockUnavailableException if etcd does not answer
	 */
	void reset();

}
