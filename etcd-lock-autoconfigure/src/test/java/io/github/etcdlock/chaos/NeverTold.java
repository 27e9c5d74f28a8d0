package io.github.etcdlock.chaos;

import java.util.Optional;

import io.github.etcdlock.LockRequest;

/** Broken on purpose: tells nobody that a lock was lost, unless he asks. */
final class NeverTold extends EngineLocks {

	NeverTold(Site site) {
		super(site);
	}

	@Override
	public Optional<Hold> acquire(LockRequest request) throws InterruptedException {
		return super.acquire(request).map((hold) -> new ChangedHold(hold) {

			@Override
			public void onLost(Runnable action) {
			}

		});
	}

}
