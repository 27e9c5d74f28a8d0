package io.github.etcdlock.etcd;

import java.util.Collection;
import java.util.function.Supplier;

import io.github.etcdlock.LockHandle;

/**
 * The transaction that the calling thread is in, if any. A lock that {@code execute}
 * takes inside of one is released after it, so that the next holder sees what it has
 * committed.
 */
@FunctionalInterface
public interface EnclosingTransaction {

	/** For where there are none. */
	EnclosingTransaction NONE = (lock, end) -> false;

	/**
	 * Puts off the end of a lock until the transaction has completed, if there is one. It
	 * is to be rolled back if the lock is not held when it is about to commit.
	 * @param lock the lock, which was taken just now
	 * @param end ends the lock; to be run once, however the transaction ends
	 * @return whether there is a transaction; if not, the end is up to the caller
	 */
	boolean putOff(LockHandle lock, Runnable end);

	/**
	 * Tells what can be asked, at any time, for the locks that the calling thread holds
	 * through {@code execute}: those around a transaction among them.
	 * @param callingThread the locks of the thread that asks
	 */
	default void heldBy(Supplier<? extends Collection<LockHandle>> callingThread) {
	}

}
