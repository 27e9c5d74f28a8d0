package io.github.etcdlock;

import java.util.concurrent.locks.Lock;

/** Other views of locks, for code that was written against them. */
public final class EtcdLocks {

	private EtcdLocks() {
	}

	/**
	 * An exclusive lock as a {@link Lock} of {@code java.util.concurrent}, owned by the
	 * thread that takes it, and reentrant. Keep the view: what one view has locked cannot
	 * be unlocked through another, and two views on a key exclude each other.
	 * <p>
	 * {@code lock()} waits for other holders for as long as it takes, and an interrupt
	 * does not end that; the other methods wait as they are told. All of them throw
	 * {@link LockUnavailableException} if etcd does not answer. If the lock was lost
	 * while it was held, {@code unlock()} gives it up and throws
	 * {@link LockLostException}, and so does a repeated {@code lock()} of its owner.
	 * There are no conditions.
	 * @param template where the lock is from
	 * @param key the key
	 * @return the view; safe for use by many threads
	 */
	public static Lock asLock(LockTemplate template, String key) {
		return asLock(template, LockRequest.of(key));
	}

	/**
	 * What the request asks for as a {@link Lock}, as
	 * {@link #asLock(LockTemplate, String)}. How long to wait is said by the methods of
	 * the lock, and not by the request.
	 * @param template where the lock is from
	 * @param request what to lock
	 * @return the view; safe for use by many threads
	 */
	public static Lock asLock(LockTemplate template, LockRequest request) {
		if (template == null) {
			throw new IllegalArgumentException("The lock template must not be null");
		}
		if (request == null) {
			throw new IllegalArgumentException("The request to lock must not be null");
		}
		return new ThreadOwnedLock(template, request);
	}

}
