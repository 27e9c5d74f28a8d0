package io.github.etcdlock.docs;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import org.jspecify.annotations.Nullable;

/** The cache of {@code modes.md} that many read and one at a time refreshes. */
class Prices {

	private final Map<String, Long> cache = new ConcurrentHashMap<>();

	private final LockTemplate locks;

	private final Runnable announcement;

	Prices(LockTemplate locks, Runnable announcement) {
		this.locks = locks;
		this.announcement = announcement;
	}

	@DistributedLock(key = "prices", mode = LockMode.SHARED)
	public @Nullable Long price(String product) {
		return this.cache.get(product);
	}

	long total(String... products) {
		return this.locks.execute(LockRequest.of("prices").shared(), (lock) -> {
			long total = 0;
			for (String product : products) {
				total += this.cache.getOrDefault(product, 0L);
			}
			return total;
		});
	}

	void refresh(Map<String, Long> current) {
		this.locks.executeWithoutResult("prices", (lock) -> {
			this.cache.clear();
			this.cache.putAll(current);
			lock.downgrade();
			this.announcement.run();
		});
	}

}
