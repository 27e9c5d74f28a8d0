package io.github.etcdlock.chaos;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.etcdlock.LockRequest;

/** Broken on purpose: forgets some releases, so that nobody gets the lock again. */
final class Forgetful extends EngineLocks {

	private static final int FORGOTTEN = 20;

	private final AtomicInteger releases = new AtomicInteger();

	Forgetful(Site site) {
		super(site);
	}

	@Override
	public Optional<Hold> acquire(LockRequest request) throws InterruptedException {
		return super.acquire(request).map((hold) -> new ChangedHold(hold) {

			@Override
			public void close() {
				if (Forgetful.this.releases.incrementAndGet() % FORGOTTEN != 0) {
					super.close();
				}
			}

		});
	}

}
