package io.github.etcdlock.recipe;

import java.time.Duration;
import java.util.Optional;

/**
 * A queue that many processes put into and take from: a smaller number comes first, and
 * what came first within a number. Each value is delivered at most once, as from
 * {@link DistributedQueue}. Safe for use by many threads.
 *
 * @param <T> the type of the values
 */
public interface DistributedPriorityQueue<T> {

	/** The number of what comes last. */
	int LAST = 65_535;

	/**
	 * Puts a value behind those of the same number. Returns when etcd has confirmed. If
	 * that fails with {@link io.github.etcdlock.LockUnavailableException}, the value may
	 * or may not be in the queue.
	 * @param value the value
	 * @param priority the number, from 0 to {@link #LAST}
	 * @throws IllegalArgumentException if there is no such number, or etcd takes no value
	 * as large as this one
	 */
	void offer(T value, int priority);

	/**
	 * Takes the first value, if there is one.
	 * @return the value, or empty if the queue is
	 * @throws UnreadableValueException if it is no such value; it is taken nevertheless
	 */
	Optional<T> poll();

	/**
	 * Takes the first value, and waits for one if there is none.
	 * @param wait how long at most
	 * @return the value, or empty if there was none for so long
	 * @throws InterruptedException if the thread is interrupted while it waits; nothing
	 * is taken then
	 * @throws UnreadableValueException if it is no such value; it is taken nevertheless
	 */
	Optional<T> poll(Duration wait) throws InterruptedException;

	/**
	 * Shows the first value without taking it.
	 * @return the value, or empty if the queue is
	 */
	Optional<T> peek();

	/**
	 * How many values are in it. etcd counts them all, so do not ask for it in a loop.
	 * @return the number
	 */
	long size();

}
