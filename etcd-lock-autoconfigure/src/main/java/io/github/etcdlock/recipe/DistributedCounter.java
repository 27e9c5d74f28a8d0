package io.github.etcdlock.recipe;

import java.util.function.LongSupplier;

/**
 * A number that everybody changes, 0 at first. It stays in etcd. Each change is carried
 * out once, though etcd's answer may be lost; where that cannot be made sure any more,
 * the message of the exception says so. Safe for use by many threads.
 */
public interface DistributedCounter {

	/**
	 * Asks etcd for the number.
	 * @return the number
	 * @throws io.github.etcdlock.LockUnavailableException if etcd does not answer
	 */
	long get();

	/**
	 * Adds to the number.
	 * @param delta what to add
	 * @return the sum
	 * @throws ArithmeticException if the sum is no {@code long}
	 * @throws io.github.etcdlock.LockUnavailableException if etcd does not answer
	 */
	long addAndGet(long delta);

	/**
	 * Sets the number if it is the one that is expected.
	 * @param expected what it is to be before
	 * @param update what it is to be afterwards
	 * @return whether it was, and is
	 * @throws io.github.etcdlock.LockUnavailableException if etcd does not answer
	 */
	boolean compareAndSet(long expected, long update);

	/**
	 * Ids that nobody else gets, above all that were given out before the block they are
	 * of. A block costs one write and is handed out within this process; what is left of
	 * it when the process ends is never used.
	 * @param block how many ids to get at once
	 * @return what gives out ids, the same one for all threads
	 */
	LongSupplier ids(int block);

}
