package io.github.etcdlock.etcd;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.github.etcdlock.LockRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The queues this process uses, one of each name, and what they share. */
final class Queues {

	private static final Logger logger = LoggerFactory.getLogger(Queues.class);

	/** How long a queue is watched that nobody consumes any more. */
	static final long LINGER = TimeUnit.SECONDS.toNanos(10);

	/** Who asks for other deliveries looks at the same items for himself. */
	private record Work(String name, int maxDeliveries) {
	}

	private final Engine engine;

	private final Lanes lanes;

	private final Names names;

	private final Map<ByteString, ItemQueue> items = new ConcurrentHashMap<>();

	private final Map<Work, WorkItems> work = new ConcurrentHashMap<>();

	private final Map<ByteString, QueueUse> uses = new ConcurrentHashMap<>();

	private final List<Consumer<QueueUse>> observers = new CopyOnWriteArrayList<>();

	private volatile boolean closed;

	Queues(Engine engine, Sessions sessions) {
		this.engine = engine;
		this.lanes = new Lanes(engine, sessions);
		this.names = new Names(engine.clock());
	}

	/** The queue in which the oldest come first. */
	ItemQueue fifo(String name) {
		String quoted = LockRequest.of(name).quotedKeys();
		ByteString prefix = this.engine.keys().recipe("queues", name);
		QueueUse use = use(QueueUse.Kind.FIFO, name, prefix);
		return this.items.computeIfAbsent(prefix,
				(key) -> new ItemQueue(this, "queue " + quoted, key, () -> Area.oldest(key, Head.WINDOW), use));
	}

	/** The queue in which keys are in order. */
	ItemQueue ranked(String name) {
		String quoted = LockRequest.of(name).quotedKeys();
		ByteString prefix = this.engine.keys().recipe("priority-queues", name);
		QueueUse use = use(QueueUse.Kind.PRIORITY, name, prefix);
		return this.items.computeIfAbsent(prefix,
				(key) -> new ItemQueue(this, "priority queue " + quoted, key, () -> Area.first(key, Head.WINDOW), use));
	}

	/** The queue of work. */
	WorkItems work(String name, int maxDeliveries) {
		String quoted = LockRequest.of(name).quotedKeys();
		WorkKeys keys = new WorkKeys(this.engine.keys().recipe("work-queues", name));
		QueueUse use = use(QueueUse.Kind.WORK, name, keys.prefix());
		Work asked = new Work(name, maxDeliveries);
		if (!this.work.containsKey(asked)) {
			this.work.keySet()
				.stream()
				.filter((other) -> other.name().equals(name))
				.forEach((other) -> logger.warn(
						"The work queue {} is used with {} deliveries at most, and elsewhere in this process with {}: which "
								+ "counts depends on who receives an item. Give its WorkQueueOptions and its "
								+ "@QueueListener(maxDeliveries) the same number",
						quoted, maxDeliveries, other.maxDeliveries()));
		}
		return this.work.computeIfAbsent(asked,
				(key) -> new WorkItems(this, "work queue " + quoted, keys, maxDeliveries, use));
	}

	/** Shows every queue that this process uses, or will. */
	void whenUsed(Consumer<QueueUse> observer) {
		this.observers.add(observer);
		this.uses.values().forEach(observer);
	}

	/** Counts are those of the queue, however many look at it for themselves. */
	private QueueUse use(QueueUse.Kind kind, String name, ByteString prefix) {
		QueueUse use = new QueueUse(kind, name, () -> depth(kind, prefix));
		QueueUse earlier = this.uses.putIfAbsent(prefix, use);
		if (earlier == null) {
			this.observers.forEach((observer) -> observer.accept(use));
		}
		return (earlier != null) ? earlier : use;
	}

	private CompletableFuture<QueueUse.Depth> depth(QueueUse.Kind kind, ByteString prefix) {
		WorkKeys keys = new WorkKeys(prefix);
		List<ByteString> parts = (kind == QueueUse.Kind.WORK) ? List.of(keys.ready(), keys.delayed(), keys.dead())
				: List.of(prefix);
		TxnRequest.Builder counts = TxnRequest.newBuilder();
		parts.forEach((part) -> counts.addSuccess(WorkKeys.count(part)));
		CompletableFuture<QueueUse.Depth> depth = new CompletableFuture<>();
		this.engine.store()
			.repeatTxn(counts.build(), this.engine.store().deadline(), (response) -> depth.complete(depth(response)),
					(failure) -> depth.completeExceptionally(failure.unanswered()));
		return depth;
	}

	private static QueueUse.Depth depth(TxnResponse counts) {
		long[] numbers = counts.getResponsesList()
			.stream()
			.mapToLong((part) -> part.getResponseRange().getCount())
			.toArray();
		return (numbers.length == 1) ? new QueueUse.Depth(numbers[0], 0, 0)
				: new QueueUse.Depth(numbers[0], numbers[1], numbers[2]);
	}

	Engine engine() {
		return this.engine;
	}

	/** Only on the loop. */
	Lanes lanes() {
		return this.lanes;
	}

	Names names() {
		return this.names;
	}

	/** Refuses what begins after the end. */
	void checkOpen(String text) {
		if (this.closed) {
			throw new IllegalStateException(
					"The " + text + " was used, but the lock manager is closed: is the application shutting down?");
		}
	}

	// On the loop

	private Stream<Consumers<?>> consumers() {
		return Stream.concat(this.items.values().stream().map(ItemQueue::consumers),
				this.work.values().stream().map(WorkItems::consumers));
	}

	void tick(long now) {
		this.lanes.tick(now);
		consumers().forEach((queue) -> queue.tick(now));
	}

	void storeWentBack() {
		consumers().forEach(Consumers::storeWentBack);
	}

	/** Ends those who wait; what is under way goes on. */
	void close() {
		this.closed = true;
		consumers().forEach(Consumers::close);
	}

	/** Completes when nothing is under way. */
	CompletableFuture<Void> idle() {
		return this.lanes.idle();
	}

	/** Nothing is sent any more. */
	void end() {
		this.lanes.close();
	}

}
