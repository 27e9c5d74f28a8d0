package io.github.etcdlock.chaos;

import java.util.Optional;

import io.github.etcdlock.LockRequest;

/** Broken on purpose: excludes, but its tokens fence nothing. */
final class ConstantToken implements Locks {

	private final Locks locks;

	ConstantToken(Site site) {
		this.locks = new EngineLocks(site);
	}

	@Override
	public Optional<Hold> acquire(LockRequest request) throws InterruptedException {
		return this.locks.acquire(request).map(SameAgain::new);
	}

	@Override
	public void close() {
		this.locks.close();
	}

	private record SameAgain(Hold hold) implements Hold {

		@Override
		public long token() {
			return 1;
		}

		@Override
		public boolean isHeld() {
			return this.hold.isHeld();
		}

		@Override
		public void onLost(Runnable action) {
			this.hold.onLost(action);
		}

		@Override
		public void close() {
			this.hold.close();
		}

	}

}
