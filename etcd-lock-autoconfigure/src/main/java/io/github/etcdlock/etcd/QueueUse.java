package io.github.etcdlock.etcd;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** What this process does with one queue, counted, and how much is in it. */
public final class QueueUse {

	/** What a queue is. */
	public enum Kind {

		/** The oldest come first. */
		FIFO,

		/** The smallest come first. */
		PRIORITY,

		/** Items are delivered until somebody says that they are done. */
		WORK

	}

	/** How the delivery of an item of work ended. */
	public enum Outcome {

		/** It is done. */
		ACKNOWLEDGED,

		/** It is to be delivered again. */
		RETURNED,

		/** It is not to be delivered any more. */
		DEAD,

		/** The session of this process ended, or the claim was deleted. */
		LOST

	}

	/**
	 * What is in a queue.
	 *
	 * @param ready what consumers receive, or are at work on
	 * @param delayed what is for later
	 * @param dead the dead letters
	 */
	public record Depth(long ready, long delayed, long dead) {

	}

	private final Kind kind;

	private final String name;

	private final Supplier<CompletableFuture<Depth>> depth;

	private final LongAdder deliveries = new LongAdder();

	private final Map<Outcome, LongAdder> outcomes = new ConcurrentHashMap<>();

	QueueUse(Kind kind, String name, Supplier<CompletableFuture<Depth>> depth) {
		this.kind = kind;
		this.name = name;
		this.depth = depth;
	}

	/**
	 * What the queue is.
	 * @return the kind
	 */
	public Kind kind() {
		return this.kind;
	}

	/**
	 * What the queue is called.
	 * @return the name
	 */
	public String name() {
		return this.name;
	}

	/**
	 * How many items consumers of this process have received.
	 * @return the number, since this process began to use the queue
	 */
	public long deliveries() {
		return this.deliveries.sum();
	}

	/**
	 * How many deliveries to this process ended so; none but those of work do.
	 * @param outcome how
	 * @return the number, since this process began to use the queue
	 */
	public long count(Outcome outcome) {
		return adder(outcome).sum();
	}

	/**
	 * Asks etcd how much is in the queue, with one read of numbers only.
	 * @return the depth; fails if etcd does not answer
	 */
	public CompletableFuture<Depth> depth() {
		return this.depth.get();
	}

	void delivered(int items) {
		this.deliveries.add(items);
	}

	void ended(Outcome outcome) {
		adder(outcome).increment();
	}

	private LongAdder adder(Outcome outcome) {
		return this.outcomes.computeIfAbsent(outcome, (key) -> new LongAdder());
	}

}
