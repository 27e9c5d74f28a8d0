package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.google.protobuf.ByteString;
import io.github.etcdlock.recipe.DistributedQueue;

/**
 * First in, first out: the items in order of their create revisions.
 *
 * @param queue the items
 */
record EtcdQueue<T>(TypedItems<T> queue) implements DistributedQueue<T> {

	@Override
	public void offer(T value) {
		this.queue.put(Map.of(this.queue.items().key(""), this.queue.values().write(value)));
	}

	@Override
	public void offerAll(Collection<? extends T> values) {
		Map<ByteString, ByteString> all = new LinkedHashMap<>();
		values.forEach((value) -> all.put(this.queue.items().key(""), this.queue.values().write(value)));
		if (!all.isEmpty()) {
			this.queue.put(all);
		}
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
	public List<T> drain(int most) {
		return this.queue.drain(most);
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
