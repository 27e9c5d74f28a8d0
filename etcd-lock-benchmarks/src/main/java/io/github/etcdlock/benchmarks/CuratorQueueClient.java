package io.github.etcdlock.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;

import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.queue.DistributedQueue;
import org.apache.curator.framework.recipes.queue.QueueBuilder;
import org.apache.curator.framework.recipes.queue.QueueConsumer;
import org.apache.curator.framework.recipes.queue.QueueSerializer;
import org.apache.curator.framework.state.ConnectionState;

/**
 * Curator's {@code DistributedQueue}. It calls a consumer with whatever it gets, so items
 * wait here for those who take them.
 */
final class CuratorQueueClient implements QueueClient {

	private final CuratorFramework curator;

	private final Map<String, Queue> queues = new ConcurrentHashMap<>();

	CuratorQueueClient(String address) {
		this.curator = CuratorLockClient.connect(address);
	}

	private Queue queue(String name) {
		return this.queues.computeIfAbsent(name, (key) -> Queue.open(this.curator, "/bench-queue/" + key));
	}

	@Override
	public void offer(String queue) throws Exception {
		queue(queue).items.put(ITEM);
	}

	@Override
	public void take(String queue) throws Exception {
		queue(queue).arrived.take();
	}

	@Override
	public void close() {
		this.curator.close();
	}

	private record Queue(DistributedQueue<String> items, BlockingQueue<String> arrived) {

		static Queue open(CuratorFramework curator, String path) {
			BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
			DistributedQueue<String> items = QueueBuilder.builder(curator, new Arrivals(arrived), new Text(), path)
				.putInBackground(false)
				.buildQueue();
			try {
				items.start();
			}
			catch (Exception ex) {
				throw new IllegalStateException("The queue " + path + " does not start", ex);
			}
			return new Queue(items, arrived);
		}

	}

	private record Arrivals(BlockingQueue<String> arrived) implements QueueConsumer<String> {

		@Override
		public void consumeMessage(String message) {
			this.arrived.add(message);
		}

		@Override
		public void stateChanged(CuratorFramework client, ConnectionState state) {
			// The server stays.
		}

	}

	private static final class Text implements QueueSerializer<String> {

		@Override
		public byte[] serialize(String item) {
			return item.getBytes(StandardCharsets.UTF_8);
		}

		@Override
		public String deserialize(byte[] bytes) {
			return new String(bytes, StandardCharsets.UTF_8);
		}

	}

}
