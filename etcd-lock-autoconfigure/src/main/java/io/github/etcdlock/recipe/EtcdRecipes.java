package io.github.etcdlock.recipe;

import java.time.Duration;
import java.util.Map;

/**
 * Makes recipes, each of them shared with everybody in the cluster who uses the same
 * name. What is made costs nothing until it is used, and may be made more than once. Safe
 * for use by many threads.
 */
public interface EtcdRecipes {

	/**
	 * A lock with a shared and an exclusive mode.
	 * @param name the name, a lock key: {@code DistributedLock} and {@code LockTemplate}
	 * lock the same under this key
	 * @return the lock
	 */
	DistributedReadWriteLock readWriteLock(String name);

	/**
	 * Transactions on keys of the application's own.
	 * @return the transactions
	 */
	EtcdTransactions transactions();

	/**
	 * A queue, first in, first out.
	 * @param <T> the type of the values
	 * @param name the name, for which the rules of lock keys hold
	 * @param type the type of the values
	 * @return the queue
	 */
	<T> DistributedQueue<T> queue(String name, Class<T> type);

	/**
	 * A queue in which smaller numbers come first.
	 * @param <T> the type of the values
	 * @param name the name, for which the rules of lock keys hold
	 * @param type the type of the values
	 * @return the queue
	 */
	<T> DistributedPriorityQueue<T> priorityQueue(String name, Class<T> type);

	/**
	 * A queue of work that is delivered at least once, with the default options.
	 * @param <T> the type of the values
	 * @param name the name, for which the rules of lock keys hold
	 * @param type the type of the values
	 * @return the queue
	 */
	default <T> WorkQueue<T> workQueue(String name, Class<T> type) {
		return workQueue(name, type, WorkQueueOptions.DEFAULTS);
	}

	/**
	 * A queue of work that is delivered at least once.
	 * @param <T> the type of the values
	 * @param name the name, for which the rules of lock keys hold
	 * @param type the type of the values
	 * @param options what this process asks of it
	 * @return the queue
	 */
	<T> WorkQueue<T> workQueue(String name, Class<T> type, WorkQueueOptions options);

	/**
	 * A local copy of one key, which begins to be kept current at once.
	 * @param <T> the type of the value
	 * @param key a key of the application's own: the full key in etcd, not one under the
	 * key prefix of the locks
	 * @param type the type of the value
	 * @return the value; close it
	 */
	<T> WatchedValue<T> watched(String key, Class<T> type);

	/**
	 * A local copy of every key that begins with a prefix, which begins to be kept
	 * current at once. A value that cannot be read is left out, and logged.
	 * @param <T> the type of the values
	 * @param prefix a prefix of the application's own, such as {@code /app/settings/}
	 * @param type the type of the values
	 * @return the values, in order, by what follows the prefix in their keys: a map that
	 * is always there; close it
	 */
	<T> WatchedValue<Map<String, T>> watchedPrefix(String prefix, Class<T> type);

	/**
	 * Where instances of services register.
	 * @return the registry
	 */
	ServiceRegistry registry();

	/**
	 * The instances of a service, always the same object for the same name.
	 * @param service the name of the service
	 * @return its instances
	 */
	ServiceDiscovery discovery(String service);

	/**
	 * An election, of which one candidate is the leader at a time.
	 * @param name the name
	 * @return the election
	 */
	LeaderElection election(String name);

	/**
	 * A semaphore.
	 * @param name the name
	 * @param permits how many permits there are, the same number in every process
	 * @return the semaphore
	 */
	DistributedSemaphore semaphore(String name, int permits);

	/**
	 * A rate limiter.
	 * @param name the name
	 * @param permits how many permits there are in a period, the same number in every
	 * process
	 * @param period the period, of a day at most, the same in every process
	 * @return the rate limiter; use the same one for all threads, for it has the batch
	 */
	DistributedRateLimiter rateLimiter(String name, int permits, Duration period);

	/**
	 * A barrier.
	 * @param name the name
	 * @return the barrier
	 */
	DistributedBarrier barrier(String name);

	/**
	 * A double barrier.
	 * @param name the name
	 * @param parties how many begin and end together, 100 at most
	 * @return the double barrier
	 */
	DoubleBarrier doubleBarrier(String name, int parties);

	/**
	 * A latch.
	 * @param name the name
	 * @param count how often it is to be counted down, the same in every process
	 * @return the latch
	 */
	DistributedCountDownLatch latch(String name, int count);

	/**
	 * A counter.
	 * @param name the name
	 * @return the counter
	 */
	DistributedCounter counter(String name);

}
