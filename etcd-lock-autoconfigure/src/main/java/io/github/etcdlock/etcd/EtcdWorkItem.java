package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.recipe.WorkItem;

/** A delivery with its value, for the thread that works on it. */
record EtcdWorkItem<T>(Delivery handed, T value, Waits waits) implements WorkItem<T> {

	@Override
	public String id() {
		return WorkKeys.shown(this.handed.id());
	}

	@Override
	public int delivery() {
		return this.handed.delivery();
	}

	@Override
	public void ack() {
		settle("acknowledge", this.handed.ack());
	}

	@Override
	public void nack(Duration delay) {
		if (delay.isNegative()) {
			throw new IllegalArgumentException("The delay must not be negative, but was " + delay);
		}
		settle("give back", this.handed.nack(delay));
	}

	@Override
	public void reject(String reason) {
		settle("reject", this.handed.bury(reason));
	}

	private void settle(String verb, CompletableFuture<Boolean> outcome) {
		if (!this.waits.answer(verb + " " + this.handed, outcome)) {
			throw this.handed.lossException("others had it when it was to be settled");
		}
	}

	@Override
	public LockHandle handle() {
		return this.handed;
	}

}
