package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockRequest;
import org.jspecify.annotations.Nullable;

/** Where a template gets its locks from. */
interface LockSource {

	/** A lock that was asked for. */
	interface Wish {

		/**
		 * The lock, null when it was busy, or the reason why it could not be asked for.
		 */
		CompletableFuture<? extends @Nullable LockHandle> outcome();

		/** The wait time is over: the outcome comes soon. */
		void expire();

		/** Nobody wants it any more: leaves nothing behind. */
		void leave();

	}

	/** Begins to ask for a lock; a zero wait tries once. */
	Wish ask(LockRequest request, Duration wait, boolean scoped);

	/** How long to wait when the request does not say. */
	Duration defaultWait();

	/** How long the outcome may take when there is nothing to wait for. */
	Duration patience();

	/** Why a lock that has been closed had been lost before, if it had. */
	@Nullable LockLostException loss(LockHandle lock);

	/** Runs a step after a while. */
	Future<?> after(Duration time, Runnable step);

	/** Runs users' code on a thread where it may block. */
	void callback(Runnable code);

}
