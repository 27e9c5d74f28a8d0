package io.github.etcdlock;

import java.time.Duration;

/**
 * Is told what happens to locks of this process, one thing after the other, on threads of
 * the library's own: it cannot hold up a lock, but news queue behind it while it works.
 * What it throws is logged and changes nothing.
 */
public interface LockListener {

	/**
	 * A lock was acquired.
	 * @param lock the lock
	 * @param waited how long that took
	 */
	default void onAcquired(LockHandle lock, Duration waited) {
	}

	/**
	 * A lock could not be had: busy until the end of the wait, interrupted or cancelled.
	 * @param request what was asked for
	 * @param waited how long it was waited for
	 */
	default void onNotAcquired(LockRequest request, Duration waited) {
	}

	/**
	 * A lock could not be had because etcd did not answer or refused.
	 * @param request what was asked for
	 * @param waited how long it was waited for
	 * @param cause what went wrong
	 */
	default void onError(LockRequest request, Duration waited, EtcdLockException cause) {
	}

	/**
	 * A lock was released by its holder.
	 * @param lock the lock
	 */
	default void onReleased(LockHandle lock) {
	}

	/**
	 * A lock was lost while it was held.
	 * @param lock the lock
	 */
	default void onLost(LockHandle lock) {
	}

}
