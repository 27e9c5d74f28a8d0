package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockUnavailableException;
import org.jspecify.annotations.Nullable;

/** Where a template gets its locks from. */
interface LockSource {

	/** A lock that was asked for. */
	interface Wish {

		/** What was asked for, for messages: lock "a". */
		String text();

		/**
		 * The lock, null when it was busy, or the reason why it could not be asked for.
		 */
		CompletableFuture<? extends @Nullable LockHandle> outcome();

		/** The wait time is over: the outcome comes soon. */
		void expire();

		/** Nobody wants it any more: leaves nothing behind. */
		void leave();

		/**
		 * Lets the caller's thread wait for it.
		 * @param patience how long the outcome may take when there is nothing to wait for
		 * @return the lock, or null when it is busy for so long
		 */
		default @Nullable LockHandle await(Duration wait, Duration patience) throws InterruptedException {
			try {
				if (!wait.isZero()) {
					try {
						return result(wait);
					}
					catch (TimeoutException ex) {
						expire();
					}
				}
				return result(patience);
			}
			catch (InterruptedException ex) {
				abandon();
				throw ex;
			}
			catch (TimeoutException ex) {
				abandon();
				throw new LockUnavailableException("Could not acquire the " + text()
						+ ": the engine gave no answer within " + Ticket.show(patience), ex);
			}
		}

		private @Nullable LockHandle result(Duration patience) throws InterruptedException, TimeoutException {
			try {
				return outcome().get(Waits.nanos(patience), TimeUnit.NANOSECONDS);
			}
			catch (ExecutionException ex) {
				if (ex.getCause() instanceof RuntimeException cause) {
					throw cause;
				}
				throw new CompletionException(ex.getCause());
			}
		}

		/** Nobody wants it any more, not even if it comes. */
		private void abandon() {
			leave();
			outcome().thenAccept((lock) -> {
				if (lock != null) {
					lock.closeAsync();
				}
			});
		}

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
