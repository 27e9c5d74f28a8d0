package io.github.etcdlock.docs;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Lock;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.LeaderOnly;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.OnBusy;
import org.springframework.scheduling.annotation.Scheduled;

/** What code looks like that has moved here: our side of {@code docs/migration.md}. */
class Moved {

	private final LockTemplate lockTemplate;

	private final List<String> packed = new CopyOnWriteArrayList<>();

	Moved(LockTemplate lockTemplate) {
		this.lockTemplate = lockTemplate;
	}

	@DistributedLock(key = "order:#{#id}", waitTime = "5s", onBusy = OnBusy.SKIP)
	public void ship(String id) {
		pack(id);
	}

	void shipByHand(String id) throws InterruptedException {
		LockRequest order = LockRequest.of("order:" + id).waitingUpTo(Duration.ofSeconds(5));
		Optional<LockHandle> lock = this.lockTemplate.tryAcquire(order);
		if (lock.isPresent()) {
			try (LockHandle held = lock.get()) {
				pack(id);
			}
		}
	}

	void transfer(String from, String to) {
		this.lockTemplate.executeWithoutResult(LockRequest.of(from, to), (lock) -> {
			pack(from);
			pack(to);
		});
	}

	@DistributedLock(key = "#{#tenant}:order:#{#id}", waitTime = "1s", fallback = "busy")
	public String bill(String tenant, String id) {
		pack(id);
		return "billed";
	}

	public String busy(String tenant, String id) {
		return "try again later";
	}

	@Scheduled(cron = "0 */15 * * * *")
	@DistributedLock(key = "report", onBusy = OnBusy.SKIP, holdAtLeast = "5m")
	public void report() {
		pack("report");
	}

	@LeaderOnly("reports")
	public void reportIfLeader() {
		pack("report");
	}

	/** While instances of both kinds are at work. */
	<T> T underBoth(Lock old, String key, Callable<T> work) throws Exception {
		old.lock();
		try {
			return this.lockTemplate.execute(key, (lock) -> work.call());
		}
		finally {
			old.unlock();
		}
	}

	List<String> packed() {
		return this.packed;
	}

	private void pack(String id) {
		this.packed.add(id);
	}

}
