package io.github.etcdlock.recipe;

import java.time.Duration;
import java.util.Optional;

import io.github.etcdlock.LockHandle;

/**
 * Many readers or one writer, first come first served: a reader who comes after a waiting
 * writer waits behind it. A writer can become a reader without letting another writer in
 * between ({@link LockHandle#downgrade()}); a reader can not become a writer.
 */
public interface DistributedReadWriteLock {

	/**
	 * Waits for the lock in shared mode, for the default wait time at most.
	 * @return the lock
	 * @throws InterruptedException if the thread is interrupted while it waits
	 * @throws io.github.etcdlock.LockNotAcquiredException when the time is over
	 */
	LockHandle read() throws InterruptedException;

	/**
	 * Waits for the lock in shared mode.
	 * @param wait how long at most; zero tries once
	 * @return the lock, or empty when a writer has it, or waits for it
	 * @throws InterruptedException if the thread is interrupted while it waits
	 */
	Optional<LockHandle> tryRead(Duration wait) throws InterruptedException;

	/**
	 * Waits for the lock in exclusive mode, for the default wait time at most.
	 * @return the lock
	 * @throws InterruptedException if the thread is interrupted while it waits
	 * @throws io.github.etcdlock.LockNotAcquiredException when the time is over
	 */
	LockHandle write() throws InterruptedException;

	/**
	 * Waits for the lock in exclusive mode.
	 * @param wait how long at most; zero tries once
	 * @return the lock, or empty when others have it, or wait for it
	 * @throws InterruptedException if the thread is interrupted while it waits
	 */
	Optional<LockHandle> tryWrite(Duration wait) throws InterruptedException;

}
