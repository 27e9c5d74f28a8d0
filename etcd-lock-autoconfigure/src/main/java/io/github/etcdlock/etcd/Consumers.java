package io.github.etcdlock.etcd;

import java.util.function.Supplier;

import io.etcd.jetcd.api.KeyValue;
import org.jspecify.annotations.Nullable;

/**
 * Those of this process who consume one queue: they share its head, which goes some time
 * after the last of them. Lives on the loop.
 *
 * @param <I> what a consumer gets
 */
final class Consumers<I> {

	private final Queues queues;

	private final Supplier<Head.Kind<I>> kind;

	private @Nullable Head<I> head;

	Consumers(Queues queues, Supplier<Head.Kind<I>> kind) {
		this.queues = queues;
		this.kind = kind;
	}

	void enter(Poll<I> poll) {
		if (this.head == null) {
			this.head = new Head<>(this.queues.engine(), this.queues.lanes(), this.kind.get());
		}
		this.head.enter(poll);
	}

	/** Shows them what this process has put itself. */
	void offered(KeyValue item) {
		if (this.head != null) {
			this.head.offered(item);
		}
	}

	void tick(long now) {
		if (this.head != null && this.head.idleFor(now) > Queues.LINGER) {
			this.head.close();
			this.head = null;
		}
		else if (this.head != null) {
			this.head.tick(now);
		}
	}

	void storeWentBack() {
		if (this.head != null) {
			this.head.storeWentBack();
		}
	}

	void close() {
		if (this.head != null) {
			this.head.close();
		}
	}

}
