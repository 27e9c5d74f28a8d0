package io.github.etcdlock.integration;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Lock;

import org.jspecify.annotations.Nullable;

/** What each thread holds, by key, and how often it has entered. */
final class EnteredLocks {

	private final ThreadLocal<@Nullable Map<String, Entered>> locks = new ThreadLocal<>();

	/** What this thread holds on the key. */
	@Nullable Lock find(String key) {
		Map<String, Entered> mine = this.locks.get();
		Entered entered = (mine != null) ? mine.get(key) : null;
		return (entered != null) ? entered.lock() : null;
	}

	/** This thread has locked it once more. */
	void enter(String key, Lock lock) {
		Map<String, Entered> mine = this.locks.get();
		if (mine == null) {
			mine = new HashMap<>();
			this.locks.set(mine);
		}
		mine.merge(key, new Entered(lock, 1), (before, now) -> new Entered(lock, before.times() + 1));
	}

	/** This thread is about to unlock it once. */
	@Nullable Lock leave(String key) {
		Lock lock = find(key);
		Map<String, Entered> mine = this.locks.get();
		if (lock != null && mine != null) {
			mine.computeIfPresent(key,
					(same, entered) -> (entered.times() > 1) ? new Entered(lock, entered.times() - 1) : null);
			if (mine.isEmpty()) {
				this.locks.remove();
			}
		}
		return lock;
	}

	private record Entered(Lock lock, int times) {
	}

}
