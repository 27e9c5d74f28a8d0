package io.github.etcdlock.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Broken on purpose: everybody gets the lock at once. */
final class AlwaysGranted implements Locks {

	@Override
	public Optional<Hold> acquire(List<String> keys, Duration wait) {
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
