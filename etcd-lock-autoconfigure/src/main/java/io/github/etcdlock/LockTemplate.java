package io.github.etcdlock;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

/**
 * Takes locks. {@code acquire} throws {@link LockNotAcquiredException} when the lock
 * cannot be had in the request's wait time, {@code tryAcquire} returns empty;
 * {@link LockUnavailableException} always means that etcd could not be asked. The wait
 * time bounds the waiting for other holders; each request to etcd is bounded by
 * {@code etcd-lock.request-timeout} besides. Safe for use by many threads.
 */
public interface LockTemplate {

	/**
	 * Runs an action while the lock is held. Joins a lock on the same key that this
	 * thread already holds through {@code execute}.
	 * @param <T> the result
	 * @param <E> what the action may throw
	 * @param key the key
	 * @param action the work
	 * @return the action's result
	 * @throws E whatever the action throws
	 * @throws LockNotAcquiredException if the lock is busy for the whole wait time, or
	 * the thread is interrupted while it waits (its interrupt flag is set again)
	 * @throws LockLostException if the lock was lost while the action ran
	 */
	<T extends @Nullable Object, E extends Exception> T execute(String key, LockCallback<T, E> action) throws E;

	/**
	 * Runs an action while the lock is held, as {@link #execute(String, LockCallback)}.
	 * @param <T> the result
	 * @param <E> what the action may throw
	 * @param request what to lock
	 * @param action the work
	 * @return the action's result
	 * @throws E whatever the action throws
	 */
	<T extends @Nullable Object, E extends Exception> T execute(LockRequest request, LockCallback<T, E> action)
			throws E;

	/**
	 * Runs an action without a result while the lock is held, as
	 * {@link #execute(String, LockCallback)}.
	 * @param <E> what the action may throw
	 * @param key the key
	 * @param action the work
	 * @throws E whatever the action throws
	 */
	default <E extends Exception> void executeWithoutResult(String key, LockAction<E> action) throws E {
		executeWithoutResult(LockRequest.of(key), action);
	}

	/**
	 * Runs an action without a result while the lock is held, as
	 * {@link #execute(String, LockCallback)}.
	 * @param <E> what the action may throw
	 * @param request what to lock
	 * @param action the work
	 * @throws E whatever the action throws
	 */
	default <E extends Exception> void executeWithoutResult(LockRequest request, LockAction<E> action) throws E {
		if (action == null) {
			throw new IllegalArgumentException("The action to run under the lock must not be null");
		}
		this.<@Nullable Void, E>execute(request, (lock) -> {
			action.run(lock);
			return null;
		});
	}

	/**
	 * Takes the lock, waiting for it. Never joins.
	 * @param key the key
	 * @return the lock; close it
	 * @throws LockNotAcquiredException if it is busy for the whole wait time
	 * @throws InterruptedException if the thread is interrupted while it waits; nothing
	 * is left behind
	 */
	LockHandle acquire(String key) throws InterruptedException;

	/**
	 * Takes the lock, waiting for it. Never joins.
	 * @param request what to lock
	 * @return the lock; close it
	 * @throws LockNotAcquiredException if it is busy for the whole wait time
	 * @throws InterruptedException if the thread is interrupted while it waits; nothing
	 * is left behind
	 */
	LockHandle acquire(LockRequest request) throws InterruptedException;

	/**
	 * Takes the lock if it is free, without waiting for holders.
	 * @param key the key
	 * @return the lock, to be closed; empty if it is busy
	 * @throws InterruptedException if the thread is interrupted before etcd has answered
	 */
	Optional<LockHandle> tryAcquire(String key) throws InterruptedException;

	/**
	 * Takes the lock if it is or becomes free within the request's wait time; without a
	 * wait time it tries once.
	 * @param request what to lock
	 * @return the lock, to be closed; empty if it is busy
	 * @throws InterruptedException if the thread is interrupted while it waits
	 */
	Optional<LockHandle> tryAcquire(LockRequest request) throws InterruptedException;

	/**
	 * Takes the lock without blocking. The future fails with
	 * {@link LockNotAcquiredException} or {@link LockUnavailableException}; cancelling it
	 * leaves nothing behind. It completes on one of the few threads that also run
	 * {@link LockHandle#onLost} and listeners: what follows must not block for long, or
	 * go on elsewhere, as with {@code thenAcceptAsync}.
	 * @param request what to lock
	 * @return the lock to come; close it
	 */
	CompletableFuture<LockHandle> acquireAsync(LockRequest request);

	/**
	 * The innermost lock that this thread's {@code execute} holds.
	 * @return the lock, or empty outside of {@code execute}
	 */
	Optional<LockHandle> current();

	/**
	 * All locks that this thread's {@code execute} holds, innermost first.
	 * @return the locks, as they are now
	 */
	default List<LockHandle> held() {
		return current().map(List::of).orElse(List.of());
	}

	/**
	 * For code that must run locked: the lock on this key that this thread's
	 * {@code execute} holds.
	 * @param key the key
	 * @return the lock
	 * @throws IllegalStateException if this thread does not hold it
	 */
	LockHandle requireHeld(String key);

}
