package io.github.etcdlock.chaos;

import java.util.Optional;

import io.github.etcdlock.LockRequest;

/** Broken on purpose: everybody gets the lock at once. */
final class AlwaysGranted implements Locks {

	@Override
	public Optional<Hold> acquire(LockRequest request) {
		return Optional.of(new Granted(System.nanoTime()));
	}

	@Override
	public void close() {
	}

	private record Granted(long token) implements Hold {

		@Override
		public boolean isHeld() {
			return true;
		}

		@Override
		public void onLost(Runnable action) {
		}

		@Override
		public void close() {
		}

	}

}
