package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import com.google.protobuf.ByteString;
import io.github.etcdlock.recipe.DistributedPriorityQueue;

/**
 * Smaller numbers first: the number is a segment of the key.
 *
 * @param queue the items
 */
record EtcdPriorityQueue<T>(TypedItems<T> queue) implements DistributedPriorityQueue<T> {

	@Override
	public void offer(T value, int priority) {
		ByteString stored = this.queue.values().write(value);
		this.queue.put(Map.of(this.queue.items().key(segment(priority) + "/"), stored));
	}

	/** A priority as a segment of a key, in the order of the numbers. */
	static String segment(int priority) {
		if (priority < 0 || priority > LAST) {
			throw new IllegalArgumentException(
					"A priority is a number from 0, which comes first, to " + LAST + ", but was " + priority);
		}
		return String.format(Locale.ROOT, "%05d", priority);
	}

	@Override
	public Optional<T> poll() {
		return this.queue.poll();
	}

	@Override
	public Optional<T> poll(Duration wait) throws InterruptedException {
		return this.queue.poll(wait);
	}

	@Override
	public Optional<T> peek() {
		return this.queue.peek();
	}

	@Override
	public long size() {
		return this.queue.size();
	}

}
