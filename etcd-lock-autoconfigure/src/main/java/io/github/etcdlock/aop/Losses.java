package io.github.etcdlock.aop;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;

import io.github.etcdlock.LockHandle;

/**
 * What is to be done when a lock is lost, for as long as the work under it goes on. A
 * handle keeps what it was told until its end, and any number of calls may join it, so it
 * is told once.
 */
final class Losses {

	private final Map<LockHandle, Watched> locks = new WeakHashMap<>();

	/**
	 * Runs an action when the lock is lost, at once if it is known to be.
	 * @return withdraws the action
	 */
	Runnable watch(LockHandle lock, Runnable action) {
		Watched watched;
		synchronized (this.locks) {
			watched = this.locks.computeIfAbsent(lock, Watched::of);
		}
		if (watched.add(action)) {
			return () -> watched.remove(action);
		}
		action.run();
		return () -> {
		};
	}

	/** Knows its lock by what that calls only, so that the lock can be forgotten. */
	private static final class Watched {

		private final List<Runnable> actions = new ArrayList<>(1);

		private boolean lost;

		static Watched of(LockHandle lock) {
			Watched watched = new Watched();
			lock.onLost(watched::lost);
			return watched;
		}

		/** False if it is too late. */
		synchronized boolean add(Runnable action) {
			return !this.lost && this.actions.add(action);
		}

		synchronized void remove(Runnable action) {
			this.actions.remove(action);
		}

		private void lost() {
			List<Runnable> all;
			synchronized (this) {
				this.lost = true;
				all = List.copyOf(this.actions);
				this.actions.clear();
			}
			all.forEach(Runnable::run);
		}

	}

}
