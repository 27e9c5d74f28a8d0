package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockListener;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import org.jspecify.annotations.Nullable;

/**
 * Locks without etcd, which exclude only what runs in this process: for tests of code
 * that locks. They are granted in order and never lost. Safe for use by many threads.
 */
public final class InProcessLocks implements AutoCloseable {

	private final ReentrantLock guard = new ReentrantLock();

	private final Set<Waiter> waiting = new LinkedHashSet<>();

	private final Set<InProcessLock> held = new LinkedHashSet<>();

	private final Timers timers = new Timers();

	private final Duration waitTime;

	private final Listeners listeners;

	private final LockTemplate template;

	private long grants;

	private boolean closed;

	/**
	 * Creates the locks.
	 * @param waitTime how long to wait when a request does not say
	 * @param listeners who is told what happens to locks, in order
	 */
	public InProcessLocks(Duration waitTime, List<LockListener> listeners) {
		this(waitTime, listeners, EnclosingTransaction.NONE);
	}

	/**
	 * Creates the locks.
	 * @param waitTime how long to wait when a request does not say
	 * @param listeners who is told what happens to locks, in order
	 * @param transaction what the end of a lock waits for
	 */
	public InProcessLocks(Duration waitTime, List<LockListener> listeners, EnclosingTransaction transaction) {
		this.waitTime = waitTime;
		this.listeners = new Listeners(listeners, this.timers);
		this.template = new ScopedLockTemplate(new Source(), transaction);
	}

	/**
	 * The template on these locks.
	 * @return the template
	 */
	public LockTemplate lockTemplate() {
		return this.template;
	}

	/** Refuses new work and ends those who wait. Idempotent. */
	@Override
	public void close() {
		List<Waiter> ended;
		this.guard.lock();
		try {
			this.closed = true;
			ended = List.copyOf(this.waiting);
			this.waiting.clear();
		}
		finally {
			this.guard.unlock();
		}
		ended.forEach((waiter) -> waiter.outcome.completeExceptionally(new LockNotAcquiredException(
				"Could not acquire the lock " + waiter.request.quotedKeys() + ": the application is shutting down")));
		this.timers.close();
	}

	void release(InProcessLock lock) {
		long rest = lock.toKeep();
		if (rest > 0) {
			this.listeners.released(lock);
			this.timers.after(rest, () -> free(lock));
		}
		else {
			List<Runnable> granted = freed(lock);
			this.listeners.released(lock);
			granted.forEach(Runnable::run);
		}
	}

	private void free(InProcessLock lock) {
		freed(lock).forEach(Runnable::run);
	}

	private List<Runnable> freed(InProcessLock lock) {
		this.guard.lock();
		try {
			this.held.remove(lock);
			return grant();
		}
		finally {
			this.guard.unlock();
		}
	}

	/** Grants what a downgrade has made room for. */
	void admit() {
		List<Runnable> granted;
		this.guard.lock();
		try {
			granted = grant();
		}
		finally {
			this.guard.unlock();
		}
		granted.forEach(Runnable::run);
	}

	/**
	 * Grants what has become free, in order; gives what is to be done outside of the
	 * guard.
	 */
	private List<Runnable> grant() {
		List<Runnable> granted = new ArrayList<>();
		List<LockRequest> ahead = new ArrayList<>();
		this.held.forEach((lock) -> ahead.add(lock.request()));
		for (Iterator<Waiter> waiters = this.waiting.iterator(); waiters.hasNext();) {
			Waiter waiter = waiters.next();
			if (ahead.stream().noneMatch((other) -> excludes(other, waiter.request))) {
				waiters.remove();
				InProcessLock lock = new InProcessLock(this, waiter.request, ++this.grants);
				this.held.add(lock);
				granted.add(() -> waiter.granted(lock));
			}
			ahead.add(waiter.request);
		}
		return granted;
	}

	private static boolean excludes(LockRequest one, LockRequest other) {
		boolean exclusive = one.mode() == LockMode.EXCLUSIVE || other.mode() == LockMode.EXCLUSIVE;
		return exclusive && !Collections.disjoint(one.keys(), other.keys());
	}

	/** A lock that was asked for. */
	private final class Waiter implements LockSource.Wish {

		private final LockRequest request;

		private final long since = System.nanoTime();

		private final CompletableFuture<@Nullable LockHandle> outcome = new CompletableFuture<>();

		Waiter(LockRequest request) {
			this.request = request;
		}

		@Override
		public String text() {
			return "lock " + this.request.quotedKeys();
		}

		void granted(InProcessLock lock) {
			InProcessLocks.this.listeners.acquired(lock, System.nanoTime() - this.since);
			this.outcome.complete(lock);
		}

		@Override
		public CompletableFuture<@Nullable LockHandle> outcome() {
			return this.outcome;
		}

		@Override
		public void expire() {
			leave();
		}

		@Override
		public void leave() {
			boolean left;
			List<Runnable> granted;
			InProcessLocks.this.guard.lock();
			try {
				left = InProcessLocks.this.waiting.remove(this);
				granted = left ? grant() : List.of();
			}
			finally {
				InProcessLocks.this.guard.unlock();
			}
			if (left) {
				InProcessLocks.this.listeners.notAcquired(this.request, System.nanoTime() - this.since);
				this.outcome.complete(null);
			}
			granted.forEach(Runnable::run);
		}

	}

	private final class Source implements LockSource {

		@Override
		public Wish ask(LockRequest request, Duration wait, boolean scoped) {
			Waiter waiter = new Waiter(request);
			List<Runnable> granted;
			InProcessLocks.this.guard.lock();
			try {
				if (InProcessLocks.this.closed) {
					throw new IllegalStateException("The lock " + request.quotedKeys()
							+ " was asked for, but the locks are closed: is the application shutting down?");
				}
				InProcessLocks.this.waiting.add(waiter);
				granted = grant();
			}
			finally {
				InProcessLocks.this.guard.unlock();
			}
			granted.forEach(Runnable::run);
			if (wait.isZero()) {
				waiter.leave();
			}
			return waiter;
		}

		@Override
		public Duration defaultWait() {
			return InProcessLocks.this.waitTime;
		}

		@Override
		public Duration patience() {
			return Duration.ofSeconds(10);
		}

		@Override
		public @Nullable LockLostException loss(LockHandle lock) {
			return null;
		}

		@Override
		public Future<?> after(Duration time, Runnable step) {
			return InProcessLocks.this.timers.after((time.toDays() > 10_000) ? Long.MAX_VALUE / 2 : time.toNanos(),
					step);
		}

		@Override
		public void callback(Runnable code) {
			InProcessLocks.this.timers.callback(code);
		}

	}

}
