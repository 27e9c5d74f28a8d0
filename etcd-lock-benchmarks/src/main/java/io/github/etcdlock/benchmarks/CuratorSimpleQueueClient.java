package io.github.etcdlock.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.queue.SimpleDistributedQueue;

/** Curator's {@code SimpleDistributedQueue}, which is ZooKeeper's own recipe. */
final class CuratorSimpleQueueClient implements QueueClient {

	private static final byte[] VALUE = ITEM.getBytes(StandardCharsets.UTF_8);

	private final CuratorFramework curator;

	private final Map<String, SimpleDistributedQueue> queues = new ConcurrentHashMap<>();

	CuratorSimpleQueueClient(String address) {
		this.curator = CuratorLockClient.connect(address);
	}

	private SimpleDistributedQueue queue(String name) {
		return this.queues.computeIfAbsent(name,
				(key) -> new SimpleDistributedQueue(this.curator, "/bench-simple-queue/" + key));
	}

	@Override
	public void offer(String queue) throws Exception {
		queue(queue).offer(VALUE);
	}

	@Override
	public void take(String queue) throws Exception {
		queue(queue).take();
	}

	@Override
	public void close() {
		this.curator.close();
	}

}
