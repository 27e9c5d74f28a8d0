package io.github.etcdlock;

import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

import org.jspecify.annotations.Nullable;

/** A lock whose owner is the thread that took it. */
final class ThreadOwnedLock implements Lock {

	/** A century, which the contract of {@code lock()} has no better word for. */
	private static final Duration FOR_EVER = Duration.ofDays(36_500);

	private final LockTemplate template;

	private final LockRequest request;

	private final ThreadLocal<@Nullable Hold> holds = new ThreadLocal<>();

	ThreadOwnedLock(LockTemplate template, LockRequest request) {
		this.template = template;
		this.request = request;
	}

	@Override
	public void lock() {
		if (!reentered()) {
			checkNotHeldByExecute();
			own(uninterruptibly(this.template.acquireAsync(this.request.waitingUpTo(FOR_EVER))));
		}
	}

	@Override
	public void lockInterruptibly() throws InterruptedException {
		checkInterrupt();
		if (!reentered()) {
			checkNotHeldByExecute();
			own(this.template.acquire(this.request.waitingUpTo(FOR_EVER)));
		}
	}

	@Override
	public boolean tryLock() {
		if (reentered()) {
			return true;
		}
		try {
			own(uninterruptibly(this.template.acquireAsync(this.request.waitingUpTo(Duration.ZERO))));
			return true;
		}
		catch (LockNotAcquiredException ex) {
			return false;
		}
	}

	@Override
	public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
		checkInterrupt();
		if (reentered()) {
			return true;
		}
		Duration wait = Duration.ofNanos(Math.max(0, unit.toNanos(time)));
		this.template.tryAcquire(this.request.waitingUpTo(wait)).ifPresent(this::own);
		return this.holds.get() != null;
	}

	@Override
	public void unlock() {
		Hold hold = this.holds.get();
		if (hold == null) {
			throw new IllegalMonitorStateException("The thread \"" + Thread.currentThread().getName()
					+ "\" does not hold the lock " + this.request.quotedKeys() + " through this view");
		}
		if (--hold.entries == 0) {
			this.holds.remove();
			hold.end();
		}
	}

	/** A condition would have to wake threads of other processes. */
	@Override
	public Condition newCondition() {
		throw new UnsupportedOperationException(
				"The lock " + this.request.quotedKeys() + " is held across processes, and so has no conditions");
	}

	private void own(LockHandle handle) {
		this.holds.set(new Hold(handle));
	}

	private boolean reentered() {
		Hold hold = this.holds.get();
		if (hold == null) {
			return false;
		}
		hold.checkHeld();
		hold.entries++;
		return true;
	}

	/** It would wait for itself, and for ever. */
	private void checkNotHeldByExecute() {
		if (this.template.held().stream().anyMatch((held) -> !Collections.disjoint(held.keys(), this.request.keys()))) {
			throw new IllegalStateException("This thread holds " + this.request.quotedKeys() + " through execute or "
					+ "@DistributedLock already, and would wait for itself: lock one way only");
		}
	}

	private void checkInterrupt() throws InterruptedException {
		if (Thread.interrupted()) {
			throw new InterruptedException("Interrupted before waiting for the lock " + this.request.quotedKeys());
		}
	}

	/** Keeps its place in the line whatever the thread is told meanwhile. */
	private static LockHandle uninterruptibly(CompletableFuture<LockHandle> lock) {
		boolean interrupted = false;
		try {
			while (true) {
				try {
					return lock.get();
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
				catch (ExecutionException ex) {
					throw (ex.getCause() instanceof RuntimeException cause) ? cause
							: new CompletionException(ex.getCause());
				}
			}
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	@Override
	public String toString() {
		return "Lock[" + this.request.quotedKeys() + ((this.holds.get() != null) ? ", held by this thread]" : "]");
	}

	/** What a thread holds, and how often it has entered. */
	private static final class Hold {

		private final LockHandle handle;

		private int entries = 1;

		private volatile boolean lost;

		Hold(LockHandle handle) {
			this.handle = handle;
			handle.onLost(() -> this.lost = true);
		}

		void checkHeld() {
			if (!this.handle.isHeld()) {
				throw loss("is lost, so it cannot be entered once more");
			}
		}

		void end() {
			boolean held = this.handle.isHeld();
			this.handle.close();
			if (!held || this.lost) {
				throw loss("was lost before it was unlocked: another may have held it meanwhile, "
						+ "check what was written");
			}
		}

		private LockLostException loss(String what) {
			return new LockLostException("The lock " + this.handle + " " + what);
		}

	}

}
