package io.github.etcdlock.recipe;

import java.time.Duration;

import io.github.etcdlock.LockHandle;

/**
 * An item that this process has received and nobody else has, until it is acknowledged,
 * given back or lost. Safe for use by many threads.
 *
 * @param <T> the type of the value
 */
public interface WorkItem<T> {

	/**
	 * The value.
	 * @return the value
	 */
	T value();

	/**
	 * The id it was offered with, or the one it was given.
	 * @return the id
	 */
	String id();

	/**
	 * How often it was delivered, this time included.
	 * @return the number, from 1
	 */
	int delivery();

	/**
	 * Says that the work is done. Returns when etcd has confirmed, and goes on trying in
	 * the background when that takes longer.
	 * @throws io.github.etcdlock.LockLostException if the item was lost, so that others
	 * have received it, or will
	 * @throws io.github.etcdlock.LockUnavailableException if etcd did not answer in time
	 * @throws IllegalStateException if it was acknowledged or given back already
	 */
	void ack();

	/**
	 * Gives the item back, to be delivered again; when it was delivered as often as the
	 * queue allows, it becomes a dead letter instead.
	 * @param delay for how long nobody receives it
	 * @throws io.github.etcdlock.LockLostException if the item was lost
	 * @throws io.github.etcdlock.LockUnavailableException if etcd did not answer in time
	 * @throws IllegalStateException if it was acknowledged or given back already
	 */
	void nack(Duration delay);

	/**
	 * Makes the item a dead letter, for it can never be done.
	 * @param reason why, for those who look at the dead letters
	 * @throws io.github.etcdlock.LockLostException if the item was lost
	 * @throws io.github.etcdlock.LockUnavailableException if etcd did not answer in time
	 * @throws IllegalStateException if it was acknowledged or given back already
	 */
	void reject(String reason);

	/**
	 * What this process holds of it: whether it still does, a token that grows from
	 * delivery to delivery, and what to run when it is lost. Closing it gives the item
	 * back.
	 * @return the handle
	 */
	LockHandle handle();

}
