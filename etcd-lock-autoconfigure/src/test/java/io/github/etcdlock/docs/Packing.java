package io.github.etcdlock.docs;

import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.recipe.QueueListener;
import io.github.etcdlock.recipe.WorkItem;
import io.github.etcdlock.recipe.WorkQueue;

/** Packs orders. */
class Packing {

	private final WorkQueue<Order> orders;

	private final Queue<Order> packed = new ConcurrentLinkedQueue<>();

	Packing(WorkQueue<Order> orders) {
		this.orders = orders;
	}

	@QueueListener(queue = "orders", concurrency = "4", backoff = "2s")
	public void pack(Order order, LockHandle handle) {
		pack(order, handle.fencingToken());
	}

	void byHand() throws InterruptedException {
		Optional<WorkItem<Order>> item = this.orders.receive(Duration.ofSeconds(10));
		item.ifPresent((received) -> {
			pack(received.value(), received.handle().fencingToken());
			received.ack();
		});
	}

	private void pack(Order order, long token) {
		if (token > 0) {
			this.packed.add(order);
		}
	}

	Collection<Order> packed() {
		return this.packed;
	}

}
