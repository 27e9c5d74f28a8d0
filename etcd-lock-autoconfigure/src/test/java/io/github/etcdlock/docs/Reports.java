package io.github.etcdlock.docs;

import java.util.Optional;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.OnBusy;
import org.springframework.scheduling.annotation.Scheduled;

/** The ways to lock without the annotation, and the job, of the README. */
class Reports {

	private final LockTemplate lockTemplate;

	private long built;

	Reports(LockTemplate lockTemplate) {
		this.lockTemplate = lockTemplate;
	}

	Report execute() {
		Report report = this.lockTemplate.execute("report", (lock) -> build(lock.fencingToken()));
		return report;
	}

	void acquire() throws InterruptedException {
		// LockNotAcquiredException when it is busy for the whole wait time.
		try (LockHandle lock = this.lockTemplate.acquire("report")) {
			build(lock.fencingToken());
		}
	}

	Optional<LockHandle> tryAcquire() throws InterruptedException {
		// Empty when it is busy, at once.
		Optional<LockHandle> free = this.lockTemplate.tryAcquire("report");
		return free;
	}

	@Scheduled(cron = "0 0 3 * * *")
	@DistributedLock(key = "nightly-report", onBusy = OnBusy.SKIP)
	public void nightlyReport() {
		build(0);
	}

	long built() {
		return this.built;
	}

	private Report build(long token) {
		this.built++;
		return new Report(token);
	}

	/** What is built. */
	record Report(long token) {
	}

}
