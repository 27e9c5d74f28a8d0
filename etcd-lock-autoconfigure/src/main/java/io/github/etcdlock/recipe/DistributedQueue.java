package io.github.etcdlock.recipe;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A queue that many processes put into and take from: first in, first out, each value
 * delivered at most once. A consumer that dies with a value has taken it along; use
 * {@link WorkQueue} where that is not good enough. Values of a {@code String} or
 * {@code byte[]} queue are stored as they are, others in the format of
 * {@link ValueFormat}. Safe for use by many threads.
 *
 * @param <T> the type of the values
 */
public interface DistributedQueue<T> {

	/**
	 * Puts a value at the end. Returns when etcd has confirmed. If that fails with
	 * {@link io.github.etcdlock.LockUnavailableException}, the value may or may not be in
	 * the queue.
	 * @param value the value
	 * @throws IllegalArgumentException if etcd takes no value as large as this one
	 */
	void offer(T value);

	/**
	 * Puts several values at the end, in this order, all of them or none.
	 * @param values the values: etcd takes about 120 at a time, and 1.5 MiB in all
	 * @throws IllegalArgumentException if these are too many for etcd, or too large
	 */
	void offerAll(Collection<? extends T> values);

	/**
	 * Takes the first value, if there is one.
	 * @return the value, or empty if the queue is
	 * @throws UnreadableValueException if it is no such value; it is taken nevertheless
	 */
	Optional<T> poll();

	/**
	 * Takes the first value, and waits for one if there is none. Waiting costs etcd one
	 * watch, however many threads of the process wait.
	 * @param wait how long at most
	 * @return the value, or empty if there was none for so long
	 * @throws InterruptedException if the thread is interrupted while it waits; nothing
	 * is taken then
	 * @throws io.github.etcdlock.LockUnavailableException if etcd did not answer in time,
	 * or is away when the wait ends
	 * @throws UnreadableValueException if it is no such value; it is taken nevertheless
	 */
	Optional<T> poll(Duration wait) throws InterruptedException;

	/**
	 * Takes what is there now, in order. When etcd fails on the way, what was taken
	 * before is returned. Of values among others that are no such values the log tells.
	 * @param most how many at most, from 1
	 * @return the values, possibly none
	 * @throws UnreadableValueException if none of those taken is such a value
	 */
	List<T> drain(int most);

	/**
	 * Shows the first value without taking it. Where others take from the queue, it may
	 * be gone already.
	 * @return the value, or empty if the queue is
	 */
	Optional<T> peek();

	/**
	 * How many values are in it. etcd counts them all, so do not ask for it in a loop.
	 * @return the number
	 */
	long size();

}
