package io.github.etcdlock;

import org.jspecify.annotations.Nullable;

/**
 * Work that runs while a lock is held and has a result.
 *
 * @param <T> the result
 * @param <E> what the work may throw
 */
@FunctionalInterface
public interface LockCallback<T extends @Nullable Object, E extends Exception> {

	/**
	 * Runs the work.
	 * @param lock the lock, held by this thread's {@code execute}
	 * @return the result
	 * @throws E whatever the work throws; the caller of {@code execute} gets it as it is
	 */
	T run(LockHandle lock) throws E;

}
