package io.github.etcdlock.recipe;

import java.time.Duration;

import io.github.etcdlock.InvalidLockKeyException;
import io.github.etcdlock.LockRequest;
import org.jspecify.annotations.Nullable;

/**
 * An item for a {@link WorkQueue}, with what makes it special.
 *
 * @param <T> the type of the value
 * @param value the value
 * @param id its id, of which there is one item in the queue at a time; null for one of
 * its own
 * @param delay for how long nobody receives it
 * @param priority from 0, which comes first, to {@link DistributedPriorityQueue#LAST}
 */
public record WorkOffer<T>(T value, @Nullable String id, Duration delay, int priority) {

	/** The priority of items that have none. */
	public static final int USUAL = 1000;

	/**
	 * Checks it.
	 * @param value the value
	 * @param id its id, for which the rules of lock keys hold
	 * @param delay for how long nobody receives it
	 * @param priority its priority
	 */
	public WorkOffer {
		if (value == null) {
			throw new IllegalArgumentException("A work queue takes no null");
		}
		if (id != null) {
			checkId(id);
		}
		if (delay.isNegative()) {
			throw new IllegalArgumentException("The delay must not be negative, but was " + delay);
		}
		if (priority < 0 || priority > DistributedPriorityQueue.LAST) {
			throw new IllegalArgumentException("A priority is a number from 0, which comes first, to "
					+ DistributedPriorityQueue.LAST + ", but was " + priority);
		}
	}

	private static void checkId(String id) {
		try {
			LockRequest.of(id);
		}
		catch (InvalidLockKeyException ex) {
			throw new IllegalArgumentException("The id of an item is not valid: " + ex.getMessage(), ex);
		}
	}

	/**
	 * An item of the usual priority, without delay.
	 * @param <T> the type of the value
	 * @param value the value
	 * @return the item
	 */
	public static <T> WorkOffer<T> of(T value) {
		return new WorkOffer<>(value, null, Duration.ZERO, USUAL);
	}

	/**
	 * The same with an id.
	 * @param text the id
	 * @return the item
	 */
	public WorkOffer<T> withId(String text) {
		return new WorkOffer<>(this.value, text, this.delay, this.priority);
	}

	/**
	 * The same with a delay.
	 * @param time for how long nobody receives it
	 * @return the item
	 */
	public WorkOffer<T> delayedBy(Duration time) {
		return new WorkOffer<>(this.value, this.id, time, this.priority);
	}

	/**
	 * The same with another priority.
	 * @param number from 0, which comes first, to {@link DistributedPriorityQueue#LAST}
	 * @return the item
	 */
	public WorkOffer<T> withPriority(int number) {
		return new WorkOffer<>(this.value, this.id, this.delay, number);
	}

}
