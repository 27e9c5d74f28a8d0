package io.github.etcdlock.metrics;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

import io.github.etcdlock.LockRequest;
import org.jspecify.annotations.Nullable;

/** How asking for a lock, or holding it, has ended. */
enum LockOutcome {

	/** The lock was had. */
	ACQUIRED,

	/** Others had it, and it was not waited for, or not to the end of the wait. */
	BUSY,

	/** Others had it until the wait time was over. */
	TIMEOUT,

	/** Etcd could not be asked, or refused. */
	ERROR,

	/** Its holder was done. */
	RELEASED,

	/** It was taken away from its holder. */
	LOST;

	/** What can become of a lock that was asked for. */
	static final List<LockOutcome> COUNTED = List.of(ACQUIRED, BUSY, TIMEOUT, ERROR, LOST);

	static LockOutcome notAcquired(LockRequest request, Duration waited, Duration defaultWait) {
		@Nullable Duration own = request.waitTime();
		Duration wait = (own != null) ? own : defaultWait;
		return (wait.isZero() || waited.compareTo(wait) < 0) ? BUSY : TIMEOUT;
	}

	/** As a tag has it. */
	String tag() {
		return name().toLowerCase(Locale.ROOT);
	}

}
