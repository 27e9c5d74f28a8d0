package io.github.etcdlock.recipe;

import java.util.List;

/**
 * The items of a {@link WorkQueue} that are not delivered any more, until somebody
 * decides. Safe for use by many threads.
 *
 * @param <T> the type of the values
 */
public interface DeadLetters<T> {

	/**
	 * How many there are.
	 * @return the number
	 */
	long size();

	/**
	 * Shows some of them, in order of their ids.
	 * @param most how many at most
	 * @return the dead letters
	 */
	List<DeadLetter<T>> list(int most);

	/**
	 * Puts one back into the queue, as if it had never been delivered.
	 * @param id its id
	 * @return whether there was such a dead letter
	 */
	boolean replay(String id);

	/**
	 * Puts all of them back into the queue.
	 * @return how many
	 */
	int replayAll();

	/**
	 * Deletes one for good.
	 * @param id its id
	 * @return whether there was such a dead letter
	 */
	boolean purge(String id);

	/**
	 * Deletes all of them for good.
	 * @return how many
	 */
	int purgeAll();

}
