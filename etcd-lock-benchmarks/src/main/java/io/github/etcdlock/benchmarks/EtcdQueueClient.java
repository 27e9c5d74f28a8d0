package io.github.etcdlock.benchmarks;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.github.etcdlock.etcd.LeaseManager;
import io.github.etcdlock.recipe.DistributedQueue;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.ValueFormat;

/** This library's queue, at most once. */
final class EtcdQueueClient implements QueueClient {

	static final Duration WAIT = Duration.ofMinutes(2);

	private final LeaseManager manager;

	private final EtcdRecipes recipes;

	private final Map<String, DistributedQueue<String>> queues = new ConcurrentHashMap<>();

	EtcdQueueClient(String address) {
		this.manager = EtcdLockClient.manager(address);
		this.recipes = recipes(this.manager);
	}

	static EtcdRecipes recipes(LeaseManager manager) {
		return manager.recipes(ValueFormat.textOnly());
	}

	private DistributedQueue<String> queue(String name) {
		return this.queues.computeIfAbsent(name, (key) -> this.recipes.queue(key, String.class));
	}

	@Override
	public void offer(String queue) {
		queue(queue).offer(ITEM);
	}

	@Override
	public void take(String queue) throws Exception {
		queue(queue).poll(WAIT).orElseThrow();
	}

	@Override
	public void close() {
		this.manager.close();
	}

}
