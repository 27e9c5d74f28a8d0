package io.github.etcdlock.recipe;

import java.time.Duration;
import java.util.Optional;

import io.github.etcdlock.LockHandle;

/**
 * Lets parties begin together, once as many are there as it has, and end together, once
 * all of them have left. It is used again at once: later parties make up the next round.
 * Who dies while it waits does not count, and who dies inside counts as having left, both
 * after its TTL. Safe for use by many threads, each of which may be a party.
 */
public interface DoubleBarrier {

	/**
	 * Waits until all parties are there.
	 * @param wait how long at most
	 * @return the visit, or empty when the time is over or this process has lost its
	 * place; it does not count then
	 * @throws InterruptedException if the thread is interrupted while it waits
	 * @throws io.github.etcdlock.LockUnavailableException if etcd does not answer
	 */
	Optional<Visit> enter(Duration wait) throws InterruptedException;

	/** A party's stay inside. */
	interface Visit extends AutoCloseable {

		/**
		 * What tells whether others still count on this party.
		 * @return the handle
		 */
		LockHandle handle();

		/**
		 * Leaves, and waits until all others of the round have left.
		 * @param wait how long at most
		 * @return whether all have left; false when the time is over
		 * @throws InterruptedException if the thread is interrupted while it waits; it
		 * has left then
		 */
		boolean leave(Duration wait) throws InterruptedException;

		/** Leaves without waiting for anybody. */
		@Override
		void close();

	}

}
