package io.github.etcdlock.metrics;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

import io.github.etcdlock.LockCallback;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.micrometer.observation.Observation;
import org.jspecify.annotations.Nullable;

/** Observes each wait on the thread that asks, so that its trace shows it. */
final class ObservedLockTemplate implements LockTemplate {

	private final LockTemplate locks;

	private final LockObservations observations;

	ObservedLockTemplate(LockTemplate locks, LockObservations observations) {
		this.locks = locks;
		this.observations = observations;
	}

	@Override
	public <T extends @Nullable Object, E extends Exception> T execute(String key, LockCallback<T, E> action) throws E {
		return execute(LockRequest.of(key), action);
	}

	@Override
	public <T extends @Nullable Object, E extends Exception> T execute(LockRequest request, LockCallback<T, E> action)
			throws E {
		if (request == null || action == null || joins(request)) {
			return this.locks.execute(request, action);
		}
		Wait wait = new Wait(request);
		try {
			T result = this.locks.execute(request, (lock) -> wait.run(lock, action));
			wait.released();
			return result;
		}
		catch (Throwable ex) {
			wait.failed(ex);
			throw ex;
		}
	}

	/** To join a lock is no wait. */
	private boolean joins(LockRequest request) {
		return this.locks.held().stream().anyMatch((lock) -> lock.keys().containsAll(request.keys()));
	}

	@Override
	public LockHandle acquire(String key) throws InterruptedException {
		return acquire(LockRequest.of(key));
	}

	@Override
	public LockHandle acquire(LockRequest request) throws InterruptedException {
		if (request == null) {
			return this.locks.acquire(request);
		}
		Wait wait = new Wait(request);
		try {
			LockHandle lock = this.locks.acquire(request);
			wait.acquiredToHold(lock);
			return lock;
		}
		catch (Throwable ex) {
			wait.failed(ex);
			throw ex;
		}
	}

	@Override
	public Optional<LockHandle> tryAcquire(String key) throws InterruptedException {
		return tryAcquire(LockRequest.of(key));
	}

	@Override
	public Optional<LockHandle> tryAcquire(LockRequest request) throws InterruptedException {
		if (request == null) {
			return this.locks.tryAcquire(request);
		}
		Wait wait = new Wait(request);
		try {
			Optional<LockHandle> lock = this.locks.tryAcquire(request);
			lock.ifPresentOrElse(wait::acquiredToHold, wait::notAcquired);
			return lock;
		}
		catch (Throwable ex) {
			wait.failed(ex);
			throw ex;
		}
	}

	@Override
	public CompletableFuture<LockHandle> acquireAsync(LockRequest request) {
		if (request == null) {
			return this.locks.acquireAsync(request);
		}
		Wait wait = new Wait(request);
		try {
			CompletableFuture<LockHandle> asked = this.locks.acquireAsync(request);
			CompletableFuture<LockHandle> result = new CompletableFuture<>();
			asked.whenComplete((lock, failure) -> told(wait, lock, failure, result));
			// Whoever ends it by himself wants nothing any more.
			result.whenComplete((lock, failure) -> asked.cancel(false));
			return result;
		}
		catch (RuntimeException ex) {
			wait.failed(ex);
			throw ex;
		}
	}

	/** The hold has begun before the caller has the lock, and can release it. */
	private static void told(Wait wait, @Nullable LockHandle lock, @Nullable Throwable failure,
			CompletableFuture<LockHandle> result) {
		if (lock != null) {
			wait.acquiredToHold(lock);
			if (!result.complete(lock)) {
				lock.closeAsync();
			}
		}
		else if (failure != null) {
			wait.failed((failure instanceof CompletionException ex && ex.getCause() != null) ? ex.getCause() : failure);
			result.completeExceptionally(failure);
		}
	}

	@Override
	public Optional<LockHandle> current() {
		return this.locks.current();
	}

	@Override
	public List<LockHandle> held() {
		return this.locks.held();
	}

	@Override
	public LockHandle requireHeld(String key) {
		return this.locks.requireHeld(key);
	}

	/** One wait, which ends once, and what {@code execute} holds then. */
	private final class Wait {

		private final LockRequest request;

		private final @Nullable Observation parent;

		private final Observation observation;

		private final long since = System.nanoTime();

		private boolean over;

		private @Nullable Observation hold;

		private @Nullable Throwable thrown;

		private int suppressed;

		Wait(LockRequest request) {
			this.request = request;
			this.parent = ObservedLockTemplate.this.observations.current();
			this.observation = ObservedLockTemplate.this.observations.start(LockObservation.ACQUIRE, request,
					this.parent);
		}

		void acquired(LockHandle lock) {
			this.over = true;
			ObservedLockTemplate.this.observations.acquired(this.observation, lock);
		}

		void acquiredToHold(LockHandle lock) {
			acquired(lock);
			ObservedLockTemplate.this.observations.hold(this.request, lock, this.parent);
		}

		/** The scope is there to be closed: nothing else is done with it. */
		@SuppressWarnings("try")
		<T extends @Nullable Object, E extends Exception> T run(LockHandle lock, LockCallback<T, E> action) throws E {
			acquired(lock);
			Observation hold = ObservedLockTemplate.this.observations.startHold(this.request, lock,
					ObservedLockTemplate.this.observations.current());
			this.hold = hold;
			try (Observation.Scope scope = hold.openScope()) {
				return action.run(lock);
			}
			catch (Throwable ex) {
				this.thrown = ex;
				this.suppressed = ex.getSuppressed().length;
				throw ex;
			}
		}

		/** The action is done, and the lock was not lost. */
		void released() {
			if (this.hold != null) {
				ObservedLockTemplate.this.observations.endHold(this.hold, false);
			}
		}

		void notAcquired() {
			this.over = true;
			ObservedLockTemplate.this.observations.notAcquired(this.observation, this.request, waited());
		}

		/** Of the wait, or of the action, or of the lock while that ran. */
		void failed(Throwable failure) {
			if (!this.over) {
				this.over = true;
				ObservedLockTemplate.this.observations.failed(this.observation, this.request, waited(), failure);
			}
			else if (this.hold != null) {
				this.hold.error(failure);
				// What execute adds to the failure of the action is that the lock was
				// lost.
				boolean lost = failure != this.thrown || failure.getSuppressed().length > this.suppressed;
				ObservedLockTemplate.this.observations.endHold(this.hold, lost);
			}
		}

		private Duration waited() {
			return Duration.ofNanos(System.nanoTime() - this.since);
		}

	}

}
