package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.Map;

import com.google.protobuf.ByteString;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.recipe.DistributedBarrier;
import io.github.etcdlock.recipe.DistributedCountDownLatch;
import io.github.etcdlock.recipe.DistributedCounter;
import io.github.etcdlock.recipe.DistributedPriorityQueue;
import io.github.etcdlock.recipe.DistributedQueue;
import io.github.etcdlock.recipe.DistributedRateLimiter;
import io.github.etcdlock.recipe.DistributedReadWriteLock;
import io.github.etcdlock.recipe.DistributedSemaphore;
import io.github.etcdlock.recipe.DoubleBarrier;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.LeaderElection;
import io.github.etcdlock.recipe.ServiceDiscovery;
import io.github.etcdlock.recipe.WatchedValue;
import io.github.etcdlock.recipe.WorkQueue;
import io.github.etcdlock.recipe.WorkQueueOptions;

/**
 * The recipes on one engine.
 *
 * @param engine the engine
 * @param locks the locks on it
 * @param claims places in lines
 * @param candidates who stands in elections
 * @param queues the queues on it
 * @param waits how callers wait
 * @param values how values are stored
 * @param registry services and their instances
 * @param commits transactions under way
 * @param transactions transactions on keys that are not ours
 */
record Recipes(Engine engine, LockTemplate locks, Claims claims, Candidates candidates, Queues queues, Waits waits,
		Values values, Registry registry, Commits commits, Transactions transactions) implements EtcdRecipes {

	@Override
	public DistributedReadWriteLock readWriteLock(String name) {
		return new TemplateReadWriteLock(this.locks, name);
	}

	@Override
	public <T> DistributedQueue<T> queue(String name, Class<T> type) {
		return new EtcdQueue<>(items(this.queues.fifo(name), type));
	}

	@Override
	public <T> DistributedPriorityQueue<T> priorityQueue(String name, Class<T> type) {
		return new EtcdPriorityQueue<>(items(this.queues.ranked(name), type));
	}

	@Override
	public <T> WorkQueue<T> workQueue(String name, Class<T> type, WorkQueueOptions options) {
		return new EtcdWorkQueue<>(this.queues.work(name, options.maxDeliveries()), this.waits, this.values,
				given(type, "work queue " + LockRequest.quote(name)), options.capacity());
	}

	@Override
	public DistributedSemaphore semaphore(String name, int permits) {
		return new LineSemaphore(this.engine, this.claims, this.waits, name, permits);
	}

	@Override
	public DistributedRateLimiter rateLimiter(String name, int permits, Duration period) {
		return new LineRateLimiter(this.engine, this.claims, name, permits, period);
	}

	@Override
	public LeaderElection election(String name) {
		return new LineElection(this.engine, this.claims, this.candidates, this.waits, name);
	}

	@Override
	public DistributedBarrier barrier(String name) {
		return new LineBarrier(this.engine, this.claims, this.waits, name);
	}

	@Override
	public DoubleBarrier doubleBarrier(String name, int parties) {
		return new LineDoubleBarrier(this.engine, this.claims, this.waits, name, parties);
	}

	@Override
	public DistributedCountDownLatch latch(String name, int count) {
		return new EtcdCountDownLatch(this.engine, this.commits, this.waits, name, count);
	}

	@Override
	public DistributedCounter counter(String name) {
		RecipeName.checked("counter", name);
		ByteString key = this.engine.keys().recipe("counters", name).concat(ByteString.copyFromUtf8("value"));
		return new EtcdCounter(new Register(this.engine, this.commits, this.waits, key), this.waits, name);
	}

	@Override
	public <T> WatchedValue<T> watched(String key, Class<T> type) {
		return new Watched<>(this.engine, this.waits, Mirrors.Range.only(notEmpty(key)),
				Readings.single(this.values, given(type, LockRequest.quote(key))));
	}

	@Override
	public <T> WatchedValue<Map<String, T>> watchedPrefix(String prefix, Class<T> type) {
		ByteString bytes = notEmpty(prefix);
		return new Watched<>(this.engine, this.waits, Mirrors.Range.prefix(bytes), new Readings.Named<>(bytes,
				given(type, LockRequest.quote(prefix)).getName(), Readings.typed(this.values, type)));
	}

	@Override
	public ServiceDiscovery discovery(String service) {
		return this.registry.discovery(service);
	}

	private static ByteString notEmpty(String key) {
		if (key == null || key.isEmpty()) {
			throw new IllegalArgumentException(
					"What is watched in etcd must not be empty: give a full key, such as /app/limit");
		}
		return ByteString.copyFromUtf8(key);
	}

	private <T> TypedItems<T> items(ItemQueue queue, Class<T> type) {
		return new TypedItems<>(queue, this.waits,
				new StoredValues<>(queue.text(), this.values, given(type, queue.text())));
	}

	private static <T> Class<T> given(Class<T> type, String what) {
		if (type == null) {
			throw new IllegalArgumentException(
					"The type of the values of " + what + " must not be null: give their class, such as String.class");
		}
		return type;
	}

}
