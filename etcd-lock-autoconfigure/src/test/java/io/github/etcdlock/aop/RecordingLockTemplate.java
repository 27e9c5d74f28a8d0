package io.github.etcdlock.aop;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.etcdlock.EtcdLockException;
import io.github.etcdlock.LockCallback;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;

/**
 * Grants every lock, unless told to refuse, and remembers what was asked for and given.
 */
public final class RecordingLockTemplate implements LockTemplate {

	private final List<LockRequest> requests = new CopyOnWriteArrayList<>();

	private final List<Handle> handles = new CopyOnWriteArrayList<>();

	private final Deque<Handle> held = new ArrayDeque<>();

	private volatile EtcdLockException refusal;

	private volatile CompletableFuture<LockHandle> pending;

	/** Refuses all further requests, or grants them again. */
	public void refuseWith(EtcdLockException refusal) {
		this.refusal = refusal;
	}

	/** Leaves all further {@code acquireAsync} to this future. */
	void answerWith(CompletableFuture<LockHandle> pending) {
		this.pending = pending;
	}

	public List<LockRequest> requests() {
		return this.requests;
	}

	public List<String> keys() {
		return this.requests.stream().flatMap((request) -> request.keys().stream()).toList();
	}

	public LockRequest last() {
		return this.requests.get(this.requests.size() - 1);
	}

	Handle lastHandle() {
		return this.handles.get(this.handles.size() - 1);
	}

	/** Whether every lock that was given has been released or lost. */
	public boolean isIdle() {
		return this.handles.stream().noneMatch(Handle::isHeld);
	}

	private Handle grant(LockRequest request) {
		this.requests.add(request);
		if (this.refusal != null) {
			throw this.refusal;
		}
		Handle handle = new Handle(request);
		this.handles.add(handle);
		return handle;
	}

	@Override
	public <T, E extends Exception> T execute(String key, LockCallback<T, E> action) throws E {
		return execute(LockRequest.of(key), action);
	}

	@Override
	public <T, E extends Exception> T execute(LockRequest request, LockCallback<T, E> action) throws E {
		Handle handle = grant(request);
		this.held.push(handle);
		T result;
		try {
			result = action.run(handle);
		}
		catch (Throwable ex) {
			if (handle.lost) {
				ex.addSuppressed(new LockLostException("lost"));
			}
			throw ex;
		}
		finally {
			this.held.remove(handle);
			handle.close();
		}
		if (handle.lost) {
			throw new LockLostException("lost");
		}
		return result;
	}

	@Override
	public LockHandle acquire(String key) throws InterruptedException {
		return acquire(LockRequest.of(key));
	}

	@Override
	public LockHandle acquire(LockRequest request) throws InterruptedException {
		if (Thread.interrupted()) {
			throw new InterruptedException();
		}
		return grant(request);
	}

	@Override
	public Optional<LockHandle> tryAcquire(String key) throws InterruptedException {
		return tryAcquire(LockRequest.of(key));
	}

	@Override
	public Optional<LockHandle> tryAcquire(LockRequest request) throws InterruptedException {
		try {
			return Optional.of(acquire(request));
		}
		catch (LockNotAcquiredException ex) {
			return Optional.empty();
		}
	}

	@Override
	public CompletableFuture<LockHandle> acquireAsync(LockRequest request) {
		if (this.pending != null) {
			this.requests.add(request);
			return this.pending;
		}
		try {
			return CompletableFuture.completedFuture(grant(request));
		}
		catch (EtcdLockException ex) {
			return CompletableFuture.failedFuture(ex);
		}
	}

	@Override
	public Optional<LockHandle> current() {
		return Optional.ofNullable(this.held.peek());
	}

	@Override
	public List<LockHandle> held() {
		return List.copyOf(this.held);
	}

	@Override
	public LockHandle requireHeld(String key) {
		return this.held.stream().filter((handle) -> handle.keys().contains(key)).findFirst().orElseThrow();
	}

	/** A lock that a test can take away. */
	static final class Handle implements LockHandle {

		private final LockRequest request;

		private final List<Runnable> onLost = new CopyOnWriteArrayList<>();

		private volatile boolean open = true;

		private volatile boolean lost;

		private volatile Duration atLeast;

		Handle(LockRequest request) {
			this.request = request;
		}

		private volatile boolean loseAtRelease;

		void loseAtRelease() {
			this.loseAtRelease = true;
		}

		void lose() {
			this.lost = true;
			this.onLost.forEach(Runnable::run);
		}

		@Override
		public List<String> keys() {
			return this.request.keys();
		}

		@Override
		public LockMode mode() {
			return this.request.mode();
		}

		@Override
		public long fencingToken() {
			return 1;
		}

		@Override
		public List<String> ownershipKeys() {
			return this.request.keys();
		}

		@Override
		public long revision() {
			return 1;
		}

		@Override
		public boolean isHeld() {
			return this.open && !this.lost;
		}

		@Override
		public Duration heldFor() {
			return Duration.ofSeconds(1);
		}

		@Override
		public void onLost(Runnable action) {
			this.onLost.add(action);
			if (this.lost) {
				action.run();
			}
		}

		/** How many wait for its loss. */
		int actions() {
			return this.onLost.size();
		}

		/** The minimum time it was given, or null. */
		Duration atLeast() {
			return this.atLeast;
		}

		@Override
		public void holdAtLeast(Duration time) {
			this.atLeast = time;
		}

		@Override
		public void close() {
			if (this.open && this.loseAtRelease) {
				lose();
			}
			this.open = false;
		}

		@Override
		public CompletableFuture<Void> closeAsync() {
			close();
			return CompletableFuture.completedFuture(null);
		}

	}

}
