package io.github.etcdlock.docs;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.EtcdLocks;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.OnBusy;
import org.springframework.scheduling.annotation.Scheduled;
import reactor.core.publisher.Mono;

/** The publisher, the schedule and the view of {@code async.md}. */
class Catalogue {

	private final Stock stock = new Stock();

	private final AtomicInteger refreshed = new AtomicInteger();

	private final LockTemplate lockTemplate;

	private int indexed;

	Catalogue(LockTemplate lockTemplate) {
		this.lockTemplate = lockTemplate;
	}

	@DistributedLock(key = "stock:#{#product}", waitTime = "5s")
	public Mono<Integer> reserve(String product, int count) {
		return this.stock.read(product).flatMap((left) -> this.stock.write(product, left - count));
	}

	@Scheduled(cron = "0 */5 * * * *")
	@DistributedLock(key = "refresh", onBusy = OnBusy.SKIP, holdAtLeast = "1m")
	public void refresh() {
		this.refreshed.incrementAndGet();
	}

	void lockAndIndex() {
		Lock lock = EtcdLocks.asLock(this.lockTemplate, "catalogue");
		lock.lock();
		try {
			index();
		}
		finally {
			lock.unlock();
		}
	}

	private void index() {
		this.indexed++;
	}

	int refreshed() {
		return this.refreshed.get();
	}

	int indexed() {
		return this.indexed;
	}

	/** A store that takes its time. */
	private static final class Stock {

		private final Map<String, Integer> left = new ConcurrentHashMap<>();

		Mono<Integer> read(String product) {
			return Mono.fromSupplier(() -> this.left.getOrDefault(product, 100)).delayElement(Duration.ofMillis(1));
		}

		Mono<Integer> write(String product, int count) {
			return Mono.fromSupplier(() -> {
				this.left.put(product, count);
				return count;
			});
		}

	}

}
