package io.github.etcdlock.integration;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import net.javacrumbs.shedlock.core.AbstractSimpleLock;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.SimpleLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A lock that ends when it has been held for long enough, unless it is extended. */
final class TimedLock extends AbstractSimpleLock {

	private static final Logger logger = LoggerFactory.getLogger(TimedLock.class);

	private final LockHandle lock;

	/**
	 * True when the time is over; false when the lock was unlocked or extended before.
	 */
	private final CompletableFuture<Boolean> overdue = new CompletableFuture<>();

	private TimedLock(LockHandle lock, LockConfiguration configuration) {
		super(configuration);
		this.lock = lock;
	}

	static SimpleLock begin(LockHandle lock, LockConfiguration configuration) {
		TimedLock timed = new TimedLock(lock, configuration);
		timed.begin(configuration.getLockAtMostFor(), configuration.getLockAtLeastFor());
		return timed;
	}

	private void begin(Duration atMost, Duration atLeast) {
		if (atLeast.compareTo(Duration.ZERO) > 0) {
			this.lock.holdAtLeast(this.lock.heldFor().plus(atLeast));
		}
		this.overdue.thenAccept((over) -> {
			if (over) {
				logger.warn("The lock {} is given up though its task still runs: lockAtMostFor ({}) is over",
						LockRequest.quote(this.lockConfiguration.getName()), atMost);
				this.lock.closeAsync();
			}
		});
		this.overdue.completeOnTimeout(true, TimeUnit.NANOSECONDS.convert(atMost), TimeUnit.NANOSECONDS);
	}

	@Override
	protected void doUnlock() {
		this.overdue.complete(false);
		this.lock.close();
	}

	@Override
	protected Optional<SimpleLock> doExtend(LockConfiguration newConfiguration) {
		// One that is not held for the moment may be again, and ends when its time is
		// over.
		return (this.lock.isHeld() && this.overdue.complete(false)) ? Optional.of(begin(this.lock, newConfiguration))
				: Optional.empty();
	}

}
