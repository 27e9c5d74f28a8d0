package io.github.etcdlock.benchmarks;

import java.util.Objects;

import org.redisson.api.RedissonClient;

/**
 * Redisson's {@code RQueue}. Its {@code RReliableQueue}, with acknowledgements, is an
 * interface without an implementation in the open-source artifact.
 */
final class RedissonQueueClient implements QueueClient {

	private final RedissonClient client;

	RedissonQueueClient(String address) {
		this.client = RedissonLockClient.connect(address);
	}

	@Override
	public void offer(String queue) {
		this.client.getQueue("bench-queue:" + queue).add(ITEM);
	}

	@Override
	public void take(String queue) {
		Objects.requireNonNull(this.client.getQueue("bench-queue:" + queue).poll());
	}

	@Override
	public void close() {
		this.client.shutdown();
	}

}
