package io.github.etcdlock.recipe;

import java.time.Duration;
import java.util.Optional;

import io.github.etcdlock.LockHandle;

/**
 * A number of permits for the whole cluster, given out first come first served: whoever
 * waits for many is not overtaken by those who want few. What a process had is free again
 * when it dies, after its TTL. Processes that disagree about the number of permits are
 * named in the log, and the smaller number counts while both are in line. Safe for use by
 * many threads.
 */
public interface DistributedSemaphore {

	/**
	 * How many permits there are, as this process is configured.
	 * @return the number
	 */
	int permits();

	/**
	 * Waits for one permit, for the default wait time at most.
	 * @return the permit
	 * @throws InterruptedException if the thread is interrupted while it waits
	 * @throws io.github.etcdlock.LockNotAcquiredException when the time is over
	 */
	LockHandle acquire() throws InterruptedException;

	/**
	 * Waits for some permits, which are given out together.
	 * @param permits how many
	 * @param wait how long at most; zero tries once
	 * @return the permits
	 * @throws InterruptedException if the thread is interrupted while it waits
	 * @throws io.github.etcdlock.LockNotAcquiredException when the time is over
	 */
	LockHandle acquire(int permits, Duration wait) throws InterruptedException;

	/**
	 * Takes one permit if it is free, and nobody waits.
	 * @return the permit, or empty
	 * @throws InterruptedException if the thread is interrupted while etcd is asked
	 */
	Optional<LockHandle> tryAcquire() throws InterruptedException;

	/**
	 * Waits for some permits, which are given out together.
	 * @param permits how many
	 * @param wait how long at most; zero tries once
	 * @return the permits, or empty when the time is over
	 * @throws InterruptedException if the thread is interrupted while it waits
	 */
	Optional<LockHandle> tryAcquire(int permits, Duration wait) throws InterruptedException;

	/**
	 * Asks etcd how many permits nobody has. Others may wait for them already.
	 * @return the number
	 * @throws io.github.etcdlock.LockUnavailableException if etcd does not answer
	 */
	int available();

}
