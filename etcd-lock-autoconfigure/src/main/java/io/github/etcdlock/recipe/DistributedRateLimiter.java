package io.github.etcdlock.recipe;

import java.time.Duration;

/**
 * A number of permits for any interval of the length of its period, for the whole
 * cluster. A process takes what it needs, and, the more it uses, the more at a time: up
 * to a tenth of the permits, which it hands out for a tenth of the period. Safe for use
 * by many threads.
 */
public interface DistributedRateLimiter {

	/**
	 * Waits for one permit, for the default wait time at most.
	 * @throws InterruptedException if the thread is interrupted while it waits
	 * @throws io.github.etcdlock.LockNotAcquiredException when the time is over
	 * @throws io.github.etcdlock.LockUnavailableException if etcd does not answer
	 */
	void acquire() throws InterruptedException;

	/**
	 * Takes one permit if it is free, and nobody in this process waits for one.
	 * @return whether it was
	 * @throws InterruptedException if the thread is interrupted while etcd is asked
	 * @throws io.github.etcdlock.LockUnavailableException if etcd does not answer
	 */
	boolean tryAcquire() throws InterruptedException;

	/**
	 * Waits for some permits.
	 * @param permits how many
	 * @param wait how long at most; zero tries once
	 * @return whether they were taken; false when the time is over
	 * @throws InterruptedException if the thread is interrupted while it waits
	 * @throws io.github.etcdlock.LockUnavailableException if etcd does not answer
	 */
	boolean tryAcquire(int permits, Duration wait) throws InterruptedException;

}
