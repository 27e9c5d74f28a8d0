package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.Optional;

import io.github.etcdlock.LockHandle;

/** Where recipes ask for places in lines. */
interface Claims {

	/** Checks a wait time. */
	static void checkWait(Duration wait) {
		if (wait == null || wait.isNegative()) {
			throw new IllegalArgumentException(
					"The wait time must not be null or negative, but was " + wait + ": use zero to try once");
		}
	}

	/** Begins to ask; a zero wait tries once. */
	LockSource.Wish ask(Claim claim, Duration wait);

	/** Whether this is said for the first time, of what is said once in a process. */
	boolean news(String text);

	/** How long to wait when the caller does not say. */
	Duration defaultWait();

	/** How long the outcome may take when there is nothing to wait for. */
	Duration patience();

	/** Waits for it, and fails when the time is over. */
	default LockHandle acquire(Claim claim, Duration wait, String why) throws InterruptedException {
		long start = System.nanoTime();
		return tryAcquire(claim, wait)
			.orElseThrow(() -> Ticket.notAcquired(claim, Duration.ofNanos(System.nanoTime() - start), why));
	}

	/** Waits for it; empty when the time is over. */
	default Optional<LockHandle> tryAcquire(Claim claim, Duration wait) throws InterruptedException {
		checkWait(wait);
		if (Thread.interrupted()) {
			throw new InterruptedException("Interrupted before waiting for the " + claim.text());
		}
		return Optional.ofNullable(ask(claim, wait).await(wait, patience()));
	}

}
