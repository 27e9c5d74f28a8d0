package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import io.github.etcdlock.LockUnavailableException;
import org.jspecify.annotations.Nullable;

/** Lets a caller's thread wait for the engine: never without a deadline. */
final class Waits {

	/** So that the engine's own deadlines, which say more, pass first. */
	private static final int PATIENCE = 3;

	/** What timers can count. */
	private static final long LONGEST = TimeUnit.DAYS.toNanos(10_000);

	private final Engine engine;

	private final Object endpoints;

	Waits(Engine engine, Object endpoints) {
		this.engine = engine;
		this.endpoints = endpoints;
	}

	/**
	 * What etcd answers to one operation. An interrupt does not end it, for it may have
	 * taken effect; the thread finds its flag set afterwards.
	 * @param operation what is done, for messages: "offer to the queue 'orders'"
	 */
	<T extends @Nullable Object> T answer(String operation, CompletableFuture<T> outcome) {
		long start = this.engine.clock().nanos();
		long end = start + this.engine.settings().requestTimeout().toNanos() * PATIENCE;
		boolean interrupted = false;
		try {
			while (true) {
				try {
					return outcome.get(end - this.engine.clock().nanos(), TimeUnit.NANOSECONDS);
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
			}
		}
		catch (TimeoutException ex) {
			throw unavailable(operation, start, "no answer", ex);
		}
		catch (ExecutionException ex) {
			throw failed(operation, start, ex.getCause());
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	/**
	 * The same for what may be given up: without an answer the outcome is cancelled, and
	 * what comes afterwards is somebody else's.
	 * @param operation what is done, for messages
	 */
	<T> T settled(String operation, CompletableFuture<T> outcome) {
		try {
			return answer(operation, outcome);
		}
		catch (LockUnavailableException ex) {
			if (outcome.cancel(false) || outcome.isCompletedExceptionally()) {
				throw ex;
			}
			return ended(operation, this.engine.clock().nanos(), outcome);
		}
	}

	/**
	 * Waits for something to happen, for as long as the caller wants. When it does not,
	 * or on an interrupt, the outcome is cancelled, which has to leave nothing behind. If
	 * it has just happened when the interrupt comes, the thread finds its flag set
	 * afterwards.
	 * @return what has happened, or empty when the time is over
	 */
	<T> Optional<T> within(Duration wait, String operation, CompletableFuture<T> outcome) throws InterruptedException {
		long start = this.engine.clock().nanos();
		try {
			return Optional.of(outcome.get(nanos(wait), TimeUnit.NANOSECONDS));
		}
		catch (TimeoutException ex) {
			return outcome.cancel(false) ? Optional.empty() : Optional.of(ended(operation, start, outcome));
		}
		catch (InterruptedException ex) {
			if (outcome.cancel(false)) {
				throw ex;
			}
			Thread.currentThread().interrupt();
			return Optional.of(ended(operation, start, outcome));
		}
		catch (ExecutionException ex) {
			throw failed(operation, start, ex.getCause());
		}
	}

	/** What cannot be cancelled any more. */
	private <T> T ended(String operation, long start, CompletableFuture<T> outcome) {
		try {
			return outcome.join();
		}
		catch (CompletionException ex) {
			throw failed(operation, start, (ex.getCause() != null) ? ex.getCause() : ex);
		}
	}

	/**
	 * Waits for items. When the time is over, an answer of etcd that is under way still
	 * counts.
	 */
	<I> Optional<List<I>> upTo(Duration wait, String operation, Poll<I> poll) throws InterruptedException {
		Future<?> end = this.engine.timers()
			.after(Math.min(LONGEST, nanos(wait)), () -> this.engine.loop().run(poll::expire));
		try {
			Duration patience = this.engine.settings().requestTimeout().multipliedBy(PATIENCE);
			return within(Duration.ofNanos(Math.min(LONGEST, nanos(wait))).plus(patience), operation, poll.outcome());
		}
		finally {
			end.cancel(false);
		}
	}

	/**
	 * Waits until something is done, or the request timeout has passed, whatever the
	 * thread is told.
	 */
	void confirmed(CompletableFuture<?> done) {
		confirmed(done, this.engine.settings().requestTimeout());
	}

	/** The same for what may take another time. */
	void confirmed(CompletableFuture<?> done, Duration most) {
		long end = this.engine.clock().nanos() + Math.min(LONGEST, nanos(most));
		boolean interrupted = false;
		while (!done.isDone()) {
			try {
				done.get(end - this.engine.clock().nanos(), TimeUnit.NANOSECONDS);
			}
			catch (InterruptedException ex) {
				interrupted = true;
			}
			catch (TimeoutException | ExecutionException ex) {
				break;
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Lets one thread of this process at a time do something, the others for the request
	 * timeout at most, whatever they are told: in an outage each would have to wait for
	 * all those before it.
	 * @param operation what is done, for messages
	 */
	<T extends @Nullable Object> T alone(ReentrantLock turn, String operation, Supplier<T> action) {
		long start = this.engine.clock().nanos();
		long end = this.engine.store().deadline();
		boolean interrupted = false;
		boolean mine = false;
		try {
			do {
				try {
					mine = turn.tryLock(end - this.engine.clock().nanos(), TimeUnit.NANOSECONDS);
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
			}
			while (!mine && this.engine.clock().nanos() < end);
			if (!mine) {
				throw unavailable(operation, start,
						"other threads of this process were before it, and nothing was sent", null);
			}
			return action.get();
		}
		finally {
			if (mine) {
				turn.unlock();
			}
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	/** A wait longer than this is for ever. */
	static long nanos(Duration time) {
		return (time.toDays() > 10_000) ? Long.MAX_VALUE : time.toNanos();
	}

	private RuntimeException failed(String operation, long start, Throwable cause) {
		if (cause instanceof EtcdFailure.Unanswered unanswered) {
			return unavailable(operation, start, unanswered.failure().text(), cause);
		}
		return (cause instanceof RuntimeException known) ? known : new CompletionException(cause);
	}

	private LockUnavailableException unavailable(String operation, long start, String reason,
			@Nullable Throwable cause) {
		return new LockUnavailableException(
				"Could not " + operation + ": etcd at " + this.endpoints + " gave no usable answer within "
						+ Ticket.show(Duration.ofNanos(this.engine.clock().nanos() - start)) + " (" + reason + ")",
				cause);
	}

}
