package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.github.etcdlock.LockCallback;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.LockUnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * The template: waits for locks, and remembers for {@code execute} what a thread holds.
 */
final class ScopedLockTemplate implements LockTemplate {

	private final LockSource source;

	/** What the thread's {@code execute} calls hold, innermost first. */
	private final ThreadLocal<@Nullable Deque<LockHandle>> held = new ThreadLocal<>();

	ScopedLockTemplate(LockSource source) {
		this.source = source;
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
		Throwable failure = null;
		push(lock);
		try {
			return action.run(lock);
		}
		catch (Throwable ex) {
			failure = ex;
			throw ex;
		}
		finally {
			pop();
			lock.close();
			report(this.source.loss(lock), failure);
		}
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
		Deque<LockHandle> held = this.held.get();
		if (held == null) {
			return null;
		}
		for (LockHandle lock : held) {
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
		push(lock);
		try {
			return action.run(lock);
		}
		finally {
			pop();
		}
	}

	private void push(LockHandle lock) {
		Deque<LockHandle> held = this.held.get();
		if (held == null) {
			held = new ArrayDeque<>(2);
			this.held.set(held);
		}
		held.push(lock);
	}

	private void pop() {
		Deque<LockHandle> held = this.held.get();
		if (held != null) {
			held.pop();
			if (held.isEmpty()) {
				this.held.remove();
			}
		}
	}

	@Override
	public Optional<LockHandle> current() {
		Deque<LockHandle> held = this.held.get();
		return Optional.ofNullable((held != null) ? held.peek() : null);
	}

	@Override
	public LockHandle requireHeld(String key) {
		LockRequest request = LockRequest.of(key);
		Deque<LockHandle> held = this.held.get();
		if (held != null) {
			for (LockHandle lock : held) {
				if (lock.keys().contains(key) && lock.isHeld()) {
					return lock;
				}
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
		LockSource.Wish wish = this.source.ask(request, wait, scoped);
		try {
			if (!wait.isZero()) {
				try {
					return result(wish, wait);
				}
				catch (TimeoutException ex) {
					wish.expire();
				}
			}
			return result(wish, this.source.patience());
		}
		catch (InterruptedException ex) {
			abandon(wish);
			throw ex;
		}
		catch (TimeoutException ex) {
			abandon(wish);
			throw new LockUnavailableException("Could not acquire the lock " + request.quotedKeys()
					+ ": the engine gave no answer within " + Ticket.show(this.source.patience()), ex);
		}
	}

	private static @Nullable LockHandle result(LockSource.Wish wish, Duration patience)
			throws InterruptedException, TimeoutException {
		try {
			return wish.outcome().get(nanos(patience), TimeUnit.NANOSECONDS);
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof RuntimeException cause) {
				throw cause;
			}
			throw new CompletionException(ex.getCause());
		}
	}

	/** A wait longer than this is for ever. */
	private static long nanos(Duration time) {
		return (time.toDays() > 10_000) ? Long.MAX_VALUE : time.toNanos();
	}

	private static void abandon(LockSource.Wish wish) {
		wish.leave();
		wish.outcome().thenAccept((lock) -> {
			if (lock != null) {
				lock.closeAsync();
			}
		});
	}

}
