package io.github.etcdlock.chaos;

import java.util.Optional;

import io.github.etcdlock.LockRequest;

/** Broken on purpose: excludes, but its tokens fence nothing. */
final class ConstantToken extends EngineLocks {

	ConstantToken(Site site) {
		super(site);
	}

	@Override
	public Optional<Hold> acquire(LockRequest request) throws InterruptedException {
		return super.acquire(request).map((hold) -> new ChangedHold(hold) {

			@Override
			public long token() {
				return 1;
			}

		});
	}

}
