package io.github.etcdlock.recipe;

import io.github.etcdlock.LockHandle;

/**
 * Is told when a {@link Candidate} begins and ceases to lead, one after the other, on a
 * thread of the library's own, of which there are few for all locks and listeners. What
 * leads for long belongs on a thread of the listener's own, for the end is told only
 * after the beginning has returned.
 */
public interface LeadershipListener {

	/**
	 * The candidate leads from now on.
	 * @param leadership the leadership; the candidate gives it up, not the listener
	 */
	default void onElected(LockHandle leadership) {
	}

	/**
	 * The candidate does not lead any more: it was closed, or has lost the leadership.
	 * @param leadership what it had
	 */
	default void onDeposed(LockHandle leadership) {
	}

}
