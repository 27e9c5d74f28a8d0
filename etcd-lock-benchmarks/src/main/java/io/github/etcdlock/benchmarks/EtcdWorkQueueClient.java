package io.github.etcdlock.benchmarks;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.github.etcdlock.etcd.LeaseManager;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.WorkQueue;

/** This library's work queue, at least once: an item is received and acknowledged. */
final class EtcdWorkQueueClient implements QueueClient {

	private final LeaseManager manager;

	private final EtcdRecipes recipes;

	private final Map<String, WorkQueue<String>> queues = new ConcurrentHashMap<>();

	EtcdWorkQueueClient(String address) {
		this.manager = EtcdLockClient.manager(address);
		this.recipes = EtcdQueueClient.recipes(this.manager);
	}

	private WorkQueue<String> queue(String name) {
		return this.queues.computeIfAbsent(name, (key) -> this.recipes.workQueue(key, String.class));
	}

	@Override
	public void offer(String queue) {
		queue(queue).offer(ITEM);
	}

	@Override
	public void take(String queue) throws Exception {
		queue(queue).receive(EtcdQueueClient.WAIT).orElseThrow().ack();
	}

	@Override
	public void close() {
		this.manager.close();
	}

}
