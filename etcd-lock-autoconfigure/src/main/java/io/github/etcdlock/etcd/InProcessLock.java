package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.LockRequest;

/** A lock of this process only; nothing can take it away. */
final class InProcessLock implements LockHandle {

	private static final long HELD = Long.MIN_VALUE;

	private final InProcessLocks locks;

	private final LockRequest request;

	private final long number;

	private final long since = System.nanoTime();

	private final AtomicLong until = new AtomicLong(HELD);

	private volatile boolean downgraded;

	/** How long it keeps others out from when it was granted, in nanoseconds. */
	private final AtomicLong atLeast = new AtomicLong();

	InProcessLock(InProcessLocks locks, LockRequest request, long number) {
		this.locks = locks;
		this.request = request;
		this.number = number;
	}

	/** What it excludes, as it is now. */
	LockRequest request() {
		return this.downgraded ? this.request.shared() : this.request;
	}

	@Override
	public List<String> keys() {
		return this.request.keys();
	}

	@Override
	public Optional<String> name() {
		return Optional.ofNullable(this.request.name());
	}

	@Override
	public LockMode mode() {
		return request().mode();
	}

	@Override
	public long fencingToken() {
		return this.number;
	}

	/** No key of etcd is behind it. */
	@Override
	public List<String> ownershipKeys() {
		return List.of();
	}

	@Override
	public long revision() {
		return this.number;
	}

	@Override
	public boolean isHeld() {
		return this.until.get() == HELD;
	}

	@Override
	public Duration heldFor() {
		long until = this.until.get();
		return Duration.ofNanos(((until == HELD) ? System.nanoTime() : until) - this.since);
	}

	@Override
	public void onLost(Runnable action) {
		if (action == null) {
			throw new IllegalArgumentException("The action to run when a lock is lost must not be null");
		}
	}

	@Override
	public void downgrade() {
		if (mode() == LockMode.SHARED) {
			throw new IllegalStateException("The lock on " + this.request.quotedKeys() + " is shared already");
		}
		if (!isHeld()) {
			throw new LockLostException("The lock on " + this.request.quotedKeys() + " is released already");
		}
		this.downgraded = true;
		this.locks.admit();
	}

	@Override
	public void holdAtLeast(Duration time) {
		long nanos = Rest.nanos(time);
		if (!isHeld()) {
			throw new IllegalStateException("The lock on " + this.request.quotedKeys()
					+ " is released already: say how long to hold it at least while it is held");
		}
		this.atLeast.accumulateAndGet(nanos, Math::max);
	}

	/** How long it is to keep others out from now on, in nanoseconds. */
	long toKeep() {
		return Math.max(0, this.atLeast.get() - (System.nanoTime() - this.since));
	}

	@Override
	public void close() {
		if (this.until.compareAndSet(HELD, System.nanoTime())) {
			this.locks.release(this);
		}
	}

	@Override
	public CompletableFuture<Void> closeAsync() {
		close();
		return CompletableFuture.completedFuture(null);
	}

	@Override
	public String toString() {
		return "LockHandle[" + this.request.quotedKeys() + ", this process only, " + (isHeld() ? "held" : "released")
				+ "]";
	}

}
