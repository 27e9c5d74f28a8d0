package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.recipe.DistributedRateLimiter;
import org.jspecify.annotations.Nullable;

/**
 * A rate limiter: a semaphore whose permits are kept for the length of the period after
 * they were used. Each process measures that time for the permits it has itself, so no
 * two clocks are ever compared.
 */
final class LineRateLimiter implements DistributedRateLimiter {

	/**
	 * A batch is at most this part of all permits, and is handed out for this part of a
	 * period.
	 */
	private static final int PARTS = 10;

	private static final Duration LONGEST = Duration.ofDays(1);

	private final Engine engine;

	private final Claims claims;

	private final String name;

	private final SemaphoreSize size;

	private final Duration period;

	private final long window;

	/** Lives longer than a period from the last renewal before a crash. */
	private final Duration ttl;

	/** Of those who wait, one stands in line in etcd. */
	private final ReentrantLock waiting = new ReentrantLock(true);

	/** Held for one try in etcd, not for a wait. */
	private final ReentrantLock refilling = new ReentrantLock(true);

	private final List<Batch> batches = new CopyOnWriteArrayList<>();

	/** How much the last one had tells how much the next is to have. */
	private volatile @Nullable Batch last;

	private volatile boolean inLine;

	LineRateLimiter(Engine engine, Claims claims, String name, int permits, Duration period) {
		if (permits < 1) {
			throw new IllegalArgumentException("A rate limiter has one permit at least, but was to have " + permits);
		}
		if (period == null || period.toMillis() < 1 || period.compareTo(LONGEST) > 0) {
			throw new IllegalArgumentException(
					"The period of a rate limiter must be between a millisecond and a day, but was " + period);
		}
		this.engine = engine;
		this.claims = claims;
		this.name = name;
		this.size = new SemaphoreSize("rate limiter " + RecipeName.checked("rate limiter", name), permits,
				claims::news);
		this.period = period;
		this.window = period.toNanos() / PARTS;
		this.ttl = Duration.ofSeconds(
				Math.max(engine.settings().ttl().toSeconds(), 2 * period.plusNanos(this.window).toSeconds() + 5));
	}

	@Override
	public void acquire() throws InterruptedException {
		if (!tryAcquire(1, this.claims.defaultWait())) {
			throw new LockNotAcquiredException("Could not acquire a permit of the rate limiter "
					+ LockRequest.quote(this.name) + " within " + Ticket.show(this.claims.defaultWait()) + ": all "
					+ this.size.permits() + " of the last " + Ticket.show(this.period) + " are used");
		}
	}

	@Override
	public boolean tryAcquire() throws InterruptedException {
		return tryAcquire(1, Duration.ZERO);
	}

	@Override
	public boolean tryAcquire(int permits, Duration wait) throws InterruptedException {
		Claims.checkWait(wait);
		if (permits < 1 || permits > this.size.permits()) {
			throw new IllegalArgumentException(
					"The rate limiter " + LockRequest.quote(this.name) + " has " + this.size.permits()
							+ " permits: between one and all of them can be acquired, but not " + permits);
		}
		if (taken(permits)) {
			return true;
		}
		if (wait.isZero()) {
			return !this.inLine && refilled(permits);
		}
		long start = this.engine.clock().nanos();
		if (!this.waiting.tryLock(Waits.nanos(wait), TimeUnit.NANOSECONDS)) {
			return false;
		}
		try {
			return taken(permits) || refilled(permits) || awaited(permits, left(wait, start));
		}
		finally {
			this.waiting.unlock();
		}
	}

	private Duration left(Duration wait, long start) {
		Duration left = wait.minusNanos(this.engine.clock().nanos() - start);
		return left.isNegative() ? Duration.ZERO : left;
	}

	private boolean taken(int permits) {
		for (Batch batch : this.batches) {
			if (batch.take(permits)) {
				return true;
			}
		}
		return false;
	}

	/** A whole batch if it is free, else only what is needed. */
	private boolean refilled(int permits) throws InterruptedException {
		Duration patience = this.claims.patience();
		if (!this.refilling.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS)) {
			throw new LockUnavailableException(
					"Could not acquire a permit of the rate limiter " + LockRequest.quote(this.name)
							+ ": etcd has not answered this process for " + Ticket.show(patience));
		}
		try {
			int batch = batch(permits);
			return taken(permits) || got(batch, permits, Duration.ZERO)
					|| (permits < batch && got(permits, permits, Duration.ZERO));
		}
		finally {
			this.refilling.unlock();
		}
	}

	/** What is needed, as soon as it is free. */
	private boolean awaited(int permits, Duration wait) throws InterruptedException {
		this.inLine = true;
		try {
			return got(permits, permits, wait);
		}
		finally {
			this.inLine = false;
		}
	}

	private boolean got(int batch, int permits, Duration wait) throws InterruptedException {
		Optional<LockHandle> lock = this.claims.tryAcquire(claim(batch), wait);
		if (lock.isEmpty()) {
			return false;
		}
		Batch next = new Batch((HeldLock) lock.get(), batch);
		boolean taken = next.take(permits);
		this.batches.add(next);
		this.last = next;
		this.engine.timers().after(this.window, next::end);
		return taken;
	}

	/**
	 * Twice the last one if that did not last, else as much as was used of it: what
	 * nobody asks for here is left to other processes.
	 */
	private int batch(int permits) {
		Batch last = this.last;
		int wanted = Math.min((last != null) ? last.next() : 1, this.size.permits() / PARTS);
		return Math.max(permits, wanted - wanted % permits);
	}

	private Claim claim(int permits) {
		return new Claim(Claim.Kind.RATE_LIMITER, new LockRequest(List.of(this.name), LockMode.SHARED, null, this.ttl),
				new Permits(permits, this.size));
	}

	/** Permits that this process has, to be handed out for a short time. */
	private final class Batch {

		private final HeldLock lock;

		private final int size;

		private final ReentrantLock guard = new ReentrantLock();

		private int left;

		private boolean ended;

		/** How long the lock had been held when the last permit was handed out. */
		private Duration used = Duration.ZERO;

		Batch(HeldLock lock, int permits) {
			this.lock = lock;
			this.size = permits;
			this.left = permits;
		}

		/**
		 * Hands out permits, if it is certain that their key outlives the period,
		 * whatever becomes of this process.
		 */
		boolean take(int permits) {
			this.guard.lock();
			try {
				long period = LineRateLimiter.this.period.toNanos();
				if (this.ended || this.left < permits || !this.lock.isHeld() || this.lock.provenFor() < period) {
					return false;
				}
				this.used = this.lock.heldFor();
				this.lock.holdAtLeast(this.used.plusNanos(period));
				this.left -= permits;
				return true;
			}
			finally {
				this.guard.unlock();
			}
		}

		/** How much to take after it. */
		int next() {
			this.guard.lock();
			try {
				boolean tooSmall = this.lock.heldFor().toNanos() < LineRateLimiter.this.window;
				return tooSmall ? 2 * this.size : Math.max(1, this.size - this.left);
			}
			finally {
				this.guard.unlock();
			}
		}

		/** Hands out no more; what it has is free a period after the last was used. */
		void end() {
			LineRateLimiter.this.batches.remove(this);
			this.guard.lock();
			try {
				if (!this.ended) {
					this.ended = true;
					Duration rest = this.used.plus(LineRateLimiter.this.period).minus(this.lock.heldFor());
					LineRateLimiter.this.engine.timers().after(Math.max(0, rest.toNanos()), this.lock::closeAsync);
				}
			}
			finally {
				this.guard.unlock();
			}
		}

	}

}
