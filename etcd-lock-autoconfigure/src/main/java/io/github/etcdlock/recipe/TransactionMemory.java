package io.github.etcdlock.recipe;

import java.util.Optional;

/**
 * etcd as the action of {@link EtcdTransactions#run} sees it: as it was at one moment,
 * with the action's own changes. For the thread that runs the action, and only until it
 * ends.
 */
public interface TransactionMemory {

	/**
	 * Reads a value: what the action itself has put, or what etcd had at the moment of
	 * the first read. Reading it again gives the same.
	 * @param <T> the type of the value
	 * @param key the key
	 * @return the value, or empty when there is none
	 * @throws io.github.etcdlock.LockUnavailableException if etcd does not answer
	 */
	<T> Optional<T> get(EtcdKey<T> key);

	/**
	 * Changes a value when the action ends.
	 * @param <T> the type of the value
	 * @param key the key
	 * @param value the value
	 */
	<T> void put(EtcdKey<T> key, T value);

	/**
	 * Deletes a key when the action ends.
	 * @param key the key
	 */
	void delete(EtcdKey<?> key);

}
