package io.github.etcdlock.recipe;

import java.time.Duration;

import io.github.etcdlock.LockHandle;

/**
 * Keeps those who wait until nobody holds it any more. Several may hold it at once; what
 * a process holds ends with it, after its TTL, so that a crash keeps nobody for ever.
 * Safe for use by many threads.
 */
public interface DistributedBarrier {

	/**
	 * Holds the barrier down, beside others who do so already.
	 * @return what to close to let it go
	 * @throws InterruptedException if the thread is interrupted while etcd is asked
	 * @throws io.github.etcdlock.LockUnavailableException if etcd does not answer
	 */
	LockHandle hold() throws InterruptedException;

	/**
	 * Waits until nobody holds the barrier. Returns at once if nobody does.
	 * @param wait how long at most
	 * @return whether nobody holds it; false when the time is over
	 * @throws InterruptedException if the thread is interrupted while it waits
	 * @throws io.github.etcdlock.LockUnavailableException if etcd refuses to tell
	 */
	boolean await(Duration wait) throws InterruptedException;

}
