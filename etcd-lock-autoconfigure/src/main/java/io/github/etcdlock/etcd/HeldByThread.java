package io.github.etcdlock.etcd;

import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;

import io.github.etcdlock.LockHandle;
import org.jspecify.annotations.Nullable;

/** What the {@code execute} calls of each thread hold. */
final class HeldByThread {

	/**
	 * Innermost first. A transaction may complete on another thread than the one that
	 * holds the lock.
	 */
	private final ThreadLocal<@Nullable Deque<LockHandle>> locks = new ThreadLocal<>();

	/**
	 * Marks the calling thread as a holder.
	 * @return takes the mark off again, once, on whichever thread
	 */
	Runnable mark(LockHandle lock) {
		Deque<LockHandle> held = this.locks.get();
		if (held == null) {
			held = new ConcurrentLinkedDeque<>();
			this.locks.set(held);
		}
		held.push(lock);
		Deque<LockHandle> mine = held;
		return () -> unmark(mine, lock);
	}

	private void unmark(Deque<LockHandle> held, LockHandle lock) {
		held.removeFirstOccurrence(lock);
		if (held.isEmpty() && this.locks.get() == held) {
			this.locks.remove();
		}
	}

	@Nullable LockHandle innermost() {
		Deque<LockHandle> held = this.locks.get();
		return (held != null) ? held.peekFirst() : null;
	}

	/** What the calling thread holds, innermost first. */
	Collection<LockHandle> all() {
		Deque<LockHandle> held = this.locks.get();
		return (held != null) ? held : List.of();
	}

}
