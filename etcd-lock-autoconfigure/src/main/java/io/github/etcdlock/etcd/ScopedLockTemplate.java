package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

import io.github.etcdlock.LockCallback;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import org.jspecify.annotations.Nullable;

/**
 * The template: waits for locks, and remembers for {@code execute} what a thread holds.
 */
final class ScopedLockTemplate implements LockTemplate {

	private final LockSource source;

	private final EnclosingTransaction transaction;

	private final HeldByThread held = new HeldByThread();

	ScopedLockTemplate(LockSource source, EnclosingTransaction transaction) {
		this.source = source;
		this.transaction = transaction;
		transaction.heldBy(this.held::all);
	}

	// execute

	@Override
	public <T extends @Nullable Object, E extends Exception> T execute(String key, LockCallback<T, E> action) throws E {
		return execute(LockRequest.of(key), action);
	}

	@Override
	public <T extends @Nullable Object, E extends Exception> T execute(LockRequest request, LockCallback<T, E> action)
			throws E {
		checkGiven(request, "lock request");
		checkGiven(action, "action to run under the lock");
		LockHandle joined = joinable(request);
		if (joined != null) {
			return join(joined, action);
		}
		LockHandle lock = acquireUninterrupted(request);
		Runnable unmark = this.held.mark(lock);
		boolean putOff = false;
		Throwable failure = null;
		try {
			putOff = this.transaction.putOff(lock, () -> end(lock, unmark));
			return action.run(lock);
		}
		catch (Throwable ex) {
			failure = ex;
			throw ex;
		}
		finally {
			if (!putOff) {
				end(lock, unmark);
			}
			report(this.source.loss(lock), failure);
		}
	}

	private static void end(LockHandle lock, Runnable unmark) {
		unmark.run();
		lock.close();
	}

	private static void checkGiven(@Nullable Object argument, String what) {
		if (argument == null) {
			throw new IllegalArgumentException("The " + what + " must not be null");
		}
	}

	private static void report(@Nullable LockLostException loss, @Nullable Throwable failure) {
		if (loss == null) {
			return;
		}
		if (failure == null) {
			throw loss;
		}
		failure.addSuppressed(loss);
	}

	private LockHandle acquireUninterrupted(LockRequest request) {
		Duration wait = wait(request);
		long start = System.nanoTime();
		try {
			LockHandle lock = await(request, wait, true);
			if (lock != null) {
				return lock;
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw Ticket.notAcquired(request, Duration.ofNanos(System.nanoTime() - start),
					"the thread was interrupted while it waited");
		}
		throw busy(request, start);
	}

	private static LockNotAcquiredException busy(LockRequest request, long start) {
		return Ticket.notAcquired(request, Duration.ofNanos(System.nanoTime() - start),
				"it is held by another, or others wait for it");
	}

	/** The lock this thread holds that the request can join, if any. */
	private @Nullable LockHandle joinable(LockRequest request) {
		for (LockHandle lock : this.held.all()) {
			if (lock.keys().containsAll(request.keys())) {
				if (lock.mode() == LockMode.SHARED && request.mode() == LockMode.EXCLUSIVE) {
					throw new IllegalStateException("This thread holds " + request.quotedKeys()
							+ " in shared mode and asks for it in exclusive mode, which would wait for itself: "
							+ "take it in exclusive mode from the start");
				}
				return lock;
			}
			if (request.keys().stream().anyMatch(lock.keys()::contains)) {
				throw new IllegalStateException("This thread asks for " + request.quotedKeys()
						+ " and holds some of these keys already, so it would wait for itself: "
						+ "take all of them together from the start");
			}
		}
		return null;
	}

	private <T extends @Nullable Object, E extends Exception> T join(LockHandle lock, LockCallback<T, E> action)
			throws E {
		if (!lock.isHeld()) {
			LockLostException loss = this.source.loss(lock);
			throw (loss != null) ? loss : new LockLostException("The lock " + lock + ", which this thread's execute "
					+ "is to join, is not held at this moment: its session has not been renewed in time");
		}
		if (lock == this.held.innermost()) {
			return action.run(lock);
		}
		Runnable unmark = this.held.mark(lock);
		try {
			return action.run(lock);
		}
		finally {
			unmark.run();
		}
	}

	@Override
	public Optional<LockHandle> current() {
		return Optional.ofNullable(this.held.innermost());
	}

	@Override
	public List<LockHandle> held() {
		return List.copyOf(this.held.all());
	}

	@Override
	public LockHandle requireHeld(String key) {
		LockRequest request = LockRequest.of(key);
		for (LockHandle lock : this.held.all()) {
			if (lock.keys().contains(key) && lock.isHeld()) {
				return lock;
			}
		}
		throw new IllegalStateException("This code must run while the lock " + request.quotedKeys()
				+ " is held: call it within LockTemplate.execute or a @DistributedLock method for that key");
	}

	// acquire

	@Override
	public LockHandle acquire(String key) throws InterruptedException {
		return acquire(LockRequest.of(key));
	}

	@Override
	public LockHandle acquire(LockRequest request) throws InterruptedException {
		checkGiven(request, "lock request");
		long start = System.nanoTime();
		LockHandle lock = await(request, wait(request), false);
		if (lock == null) {
			throw busy(request, start);
		}
		return lock;
	}

	@Override
	public Optional<LockHandle> tryAcquire(String key) throws InterruptedException {
		return tryAcquire(LockRequest.of(key));
	}

	@Override
	public Optional<LockHandle> tryAcquire(LockRequest request) throws InterruptedException {
		checkGiven(request, "lock request");
		Duration wait = (request.waitTime() != null) ? request.waitTime() : Duration.ZERO;
		return Optional.ofNullable(await(request, wait, false));
	}

	@Override
	public CompletableFuture<LockHandle> acquireAsync(LockRequest request) {
		checkGiven(request, "lock request");
		Duration wait = wait(request);
		long start = System.nanoTime();
		LockSource.Wish wish = this.source.ask(request, wait, false);
		CompletableFuture<LockHandle> result = new CompletableFuture<>();
		Future<?> timeout = (wait.isZero() || wish.outcome().isDone()) ? null : this.source.after(wait, wish::expire);
		wish.outcome().whenComplete((lock, failure) -> this.source.callback(() -> {
			if (failure != null) {
				result.completeExceptionally(failure);
			}
			else if (lock == null) {
				result.completeExceptionally(busy(request, start));
			}
			else if (!result.complete(lock)) {
				lock.closeAsync();
			}
		}));
		result.whenComplete((lock, failure) -> {
			if (timeout != null) {
				timeout.cancel(false);
			}
			wish.leave();
		});
		return result;
	}

	private Duration wait(LockRequest request) {
		return (request.waitTime() != null) ? request.waitTime() : this.source.defaultWait();
	}

	/** The lock, or null when it is busy for so long. */
	private @Nullable LockHandle await(LockRequest request, Duration wait, boolean scoped) throws InterruptedException {
		if (Thread.interrupted()) {
			throw new InterruptedException("Interrupted before waiting for the lock " + request.quotedKeys());
		}
		return this.source.ask(request, wait, scoped).await(wait, this.source.patience());
	}

}
