package io.github.etcdlock.recipe;

/**
 * What a process asks of a work queue. All processes should ask the same.
 *
 * @param maxDeliveries how often an item is delivered before it becomes a dead letter
 * @param capacity how many items the queue holds, or 0 for any number. Producers that
 * offer at the same moment may each put one more
 */
public record WorkQueueOptions(int maxDeliveries, int capacity) {

	/** Ten deliveries, any number of items. */
	public static final WorkQueueOptions DEFAULTS = new WorkQueueOptions(10, 0);

	/**
	 * Checks them.
	 * @param maxDeliveries how often an item is delivered
	 * @param capacity how many items the queue holds
	 */
	public WorkQueueOptions {
		if (maxDeliveries < 1) {
			throw new IllegalArgumentException(
					"An item must be delivered once at least, but maxDeliveries was " + maxDeliveries);
		}
		if (capacity < 0) {
			throw new IllegalArgumentException(
					"The capacity must not be negative, but was " + capacity + ": use 0 for any number of items");
		}
	}

	/**
	 * The same with another number of deliveries.
	 * @param number how often an item is delivered before it becomes a dead letter
	 * @return the options
	 */
	public WorkQueueOptions withMaxDeliveries(int number) {
		return new WorkQueueOptions(number, this.capacity);
	}

	/**
	 * The same with a bound.
	 * @param items how many items the queue holds, or 0 for any number
	 * @return the options
	 */
	public WorkQueueOptions withCapacity(int items) {
		return new WorkQueueOptions(this.maxDeliveries, items);
	}

}
