package io.github.etcdlock.etcd;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Predicate;

/** Where the answers on a stream pass, in order, or are held or lost. */
final class Gate {

	private final Deque<Runnable> held = new ArrayDeque<>();

	private boolean shut;

	private Predicate<Object> lost = (message) -> false;

	/** Holds what comes from now on. */
	synchronized void shut() {
		this.shut = true;
	}

	/** Delivers what was held, then passes. */
	synchronized void open() {
		this.shut = false;
		while (!this.held.isEmpty()) {
			this.held.remove().run();
		}
	}

	/** How many messages are held. */
	synchronized int waiting() {
		return this.held.size();
	}

	/** Loses such messages from now on. */
	synchronized void lose(Predicate<Object> messages) {
		this.lost = messages;
	}

	synchronized void pass(Object message, Runnable delivery) {
		if (this.lost.test(message)) {
			return;
		}
		if (this.shut) {
			this.held.add(delivery);
		}
		else {
			delivery.run();
		}
	}

}
