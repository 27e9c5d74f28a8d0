package io.github.etcdlock;

/**
 * Work that runs while a lock is held and has no result.
 *
 * @param <E> what the work may throw
 */
@FunctionalInterface
public interface LockAction<E extends Exception> {

	/**
	 * Runs the work.
	 * @param lock the lock, held by this thread's {@code execute}
	 * @throws E whatever the work throws; the caller of {@code execute} gets it as it is
	 */
	void run(LockHandle lock) throws E;

}
