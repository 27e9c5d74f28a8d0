package io.github.etcdlock.recipe;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A queue of work, each item of which is delivered at least once: whoever receives one
 * has it until it says that it is done, gives it back, or dies, in which case others
 * receive it. Smaller priorities come first, and what came first within a priority. An
 * item that was delivered too often, or cannot be read, becomes a dead letter. Safe for
 * use by many threads.
 *
 * @param <T> the type of the values
 */
public interface WorkQueue<T> {

	/**
	 * Puts an item into the queue. Returns when etcd has confirmed. If that fails with
	 * {@link io.github.etcdlock.LockUnavailableException}, it may or may not be there:
	 * offer it again with the same id where twice is too often.
	 * @param value the value
	 * @throws IllegalArgumentException if etcd takes no value as large as this one
	 * @throws QueueFullException if the queue is bounded, and full
	 */
	void offer(T value);

	/**
	 * Puts an item into the queue that is received after a while only.
	 * @param value the value
	 * @param delay for how long nobody receives it, by the wall clocks of the machines
	 * @throws IllegalArgumentException if etcd takes no value as large as this one
	 * @throws QueueFullException if the queue is bounded, and full
	 */
	void offer(T value, Duration delay);

	/**
	 * Puts an item into the queue, with what makes it special.
	 * @param offer the item
	 * @return false if an item of the same id is in the queue, or among its dead letters
	 * @throws IllegalArgumentException if etcd takes no value as large as this one
	 * @throws QueueFullException if the queue is bounded, and full
	 */
	boolean offer(WorkOffer<T> offer);

	/**
	 * Waits for the next item. Waiting costs etcd one watch, however many threads of the
	 * process wait.
	 * @param wait how long at most; zero takes what is there
	 * @return the item, or empty if there was none for so long
	 * @throws InterruptedException if the thread is interrupted while it waits
	 * @throws io.github.etcdlock.LockUnavailableException if etcd did not answer in time,
	 * or is away when the wait ends
	 */
	Optional<WorkItem<T>> receive(Duration wait) throws InterruptedException;

	/**
	 * Waits for the next items, until there is one at least.
	 * @param most how many at most, from 1 to 32
	 * @param wait how long at most; zero takes what is there
	 * @return the items, none if there was none for so long
	 * @throws InterruptedException if the thread is interrupted while it waits
	 * @throws io.github.etcdlock.LockUnavailableException if etcd did not answer in time,
	 * or is away when the wait ends
	 */
	List<WorkItem<T>> receive(int most, Duration wait) throws InterruptedException;

	/**
	 * How many items are in the queue: those somebody works on and those that are delayed
	 * included, dead letters not.
	 * @return the number
	 */
	long size();

	/**
	 * What could not be delivered.
	 * @return the dead letters of this queue
	 */
	DeadLetters<T> deadLetters();

}
