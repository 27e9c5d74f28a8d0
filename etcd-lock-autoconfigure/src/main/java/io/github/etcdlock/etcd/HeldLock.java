package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.LockUnavailableException;
import org.jspecify.annotations.Nullable;

/** The lock, from when it was granted until it is released or lost. */
final class HeldLock implements LockHandle {

	/** For how long a release that finds a loss waits until that is told. */
	private static final long LONGEST_TOLD = TimeUnit.SECONDS.toNanos(1);

	private final Place place;

	private final Tenure tenure;

	private final Claim claim;

	private final boolean scoped;

	private final int pass;

	private final long since;

	/** Who asked for it. */
	private final String thread;

	/** When etcd has confirmed the end; also the monitor of what follows. */
	private final CompletableFuture<Void> ended = new CompletableFuture<>();

	private boolean released;

	/** How long its keys are to stay from when it was granted, in nanoseconds. */
	private long atLeast;

	/** Whether the session was proven when it was released. */
	private volatile boolean proven;

	private volatile boolean shared;

	private volatile @Nullable String loss;

	private volatile long until = Long.MIN_VALUE;

	private @Nullable List<Runnable> whenLost;

	private @Nullable List<Runnable> whenRevocationAsked;

	private boolean revocationAsked;

	HeldLock(Place place, Tenure tenure, Ticket ticket, int pass) {
		this.place = place;
		this.tenure = tenure;
		this.claim = ticket.claim();
		this.scoped = ticket.scoped();
		this.pass = pass;
		this.since = engine().clock().nanos();
		this.thread = ticket.thread();
	}

	private Engine engine() {
		return this.place.engine();
	}

	@Override
	public List<String> keys() {
		return this.claim.request().keys();
	}

	@Override
	public Optional<String> name() {
		return Optional.ofNullable(this.claim.request().name());
	}

	@Override
	public LockMode mode() {
		return this.shared ? LockMode.SHARED : this.claim.request().mode();
	}

	@Override
	public long fencingToken() {
		return this.place.revision() * Turn.TOKENS + this.pass;
	}

	@Override
	public List<String> ownershipKeys() {
		this.tenure.export();
		return this.place.keys();
	}

	@Override
	public long revision() {
		this.tenure.export();
		return this.place.revision();
	}

	@Override
	public boolean isHeld() {
		return this.until == Long.MIN_VALUE && this.place.session().proven();
	}

	/** Whether it is a lock, and not part of a recipe. */
	boolean ofLock() {
		return this.claim.kind() == Claim.Kind.LOCK;
	}

	/** How long its lease can be relied on from now, in nanoseconds. */
	long provenFor() {
		return this.place.session().provenFor();
	}

	@Override
	public Duration heldFor() {
		long until = this.until;
		return Duration.ofNanos(((until == Long.MIN_VALUE) ? engine().clock().nanos() : until) - this.since);
	}

	LocalLock local() {
		return new LocalLock(keys(), this.claim.request().name(), mode(), true, fencingToken(), heldFor(), this.thread,
				this.place.keys());
	}

	/** Whether {@code execute} holds it. */
	boolean scoped() {
		return this.scoped;
	}

	/** Completes when its end is confirmed, or it is lost. */
	CompletableFuture<Void> ended() {
		return this.ended;
	}

	// Loss

	@Override
	public void onLost(Runnable action) {
		if (action == null) {
			throw new IllegalArgumentException("The action to run when a lock is lost must not be null");
		}
		boolean lost;
		synchronized (this.ended) {
			lost = this.loss != null;
			if (!lost && !this.released) {
				this.whenLost = added(this.whenLost, action);
			}
		}
		if (lost) {
			engine().timers().callback(action);
		}
	}

	/** Why it was lost, if it was; final once it was closed. */
	@Nullable String loss() {
		return this.loss;
	}

	LockLostException lossException(String reason) {
		return new LockLostException("The " + this.claim.text() + " was lost after it had been held for "
				+ Ticket.show(heldFor()) + ": " + reason + ". Others may have held it since; what it protects "
				+ "must refuse the fencing token " + fencingToken());
	}

	void lost(String reason) {
		List<Runnable> actions;
		boolean closing;
		synchronized (this.ended) {
			if (this.loss != null || this.ended.isDone()) {
				return;
			}
			this.loss = reason;
			closing = this.released;
			if (!this.released) {
				this.until = engine().clock().nanos();
			}
			actions = (this.whenLost != null) ? this.whenLost : List.of();
		}
		CompletableFuture<?>[] told = actions.stream().map(this::tell).toArray(CompletableFuture<?>[]::new);
		engine().tell(this.claim, (listeners) -> listeners.lost(this));
		if (closing) {
			// Who closes it hears of its end after those who are to hear of the loss.
			CompletableFuture.allOf(told).thenRun(() -> this.ended.complete(null));
			engine().timers().after(LONGEST_TOLD, () -> this.ended.complete(null));
		}
		else {
			this.ended.complete(null);
		}
	}

	private CompletableFuture<Void> tell(Runnable action) {
		CompletableFuture<Void> told = new CompletableFuture<>();
		engine().timers().callback(() -> {
			try {
				action.run();
			}
			finally {
				told.complete(null);
			}
		});
		return told;
	}

	// A request to give it up

	@Override
	public void onRevocationRequested(Runnable action) {
		if (action == null) {
			throw new IllegalArgumentException("The action to run when a lock is asked for must not be null");
		}
		boolean asked;
		synchronized (this.ended) {
			asked = this.revocationAsked;
			if (!asked) {
				this.whenRevocationAsked = added(this.whenRevocationAsked, action);
			}
		}
		if (asked) {
			engine().timers().callback(action);
		}
	}

	void revocationAsked() {
		List<Runnable> actions;
		synchronized (this.ended) {
			if (this.revocationAsked || this.released) {
				return;
			}
			this.revocationAsked = true;
			actions = (this.whenRevocationAsked != null) ? this.whenRevocationAsked : List.of();
		}
		actions.forEach(engine().timers()::callback);
	}

	private static List<Runnable> added(@Nullable List<Runnable> actions, Runnable action) {
		List<Runnable> all = (actions != null) ? actions : new ArrayList<>(1);
		all.add(action);
		return all;
	}

	// Minimum time

	@Override
	public void holdAtLeast(Duration time) {
		long nanos = Rest.nanos(time);
		synchronized (this.ended) {
			if (this.released) {
				throw new IllegalStateException("The " + this.claim.text()
						+ " is released already: say how long to hold it at least while it is held");
			}
			this.atLeast = Math.max(this.atLeast, nanos);
		}
	}

	/**
	 * How long its keys are to stay from now on, in nanoseconds; final once released.
	 */
	long toKeep() {
		synchronized (this.ended) {
			return Math.max(0, this.atLeast - (engine().clock().nanos() - this.since));
		}
	}

	// Downgrade

	@Override
	public void downgrade() {
		if (mode() == LockMode.SHARED) {
			throw new IllegalStateException("The " + this.claim.text() + " is shared already");
		}
		if (this.claim.kind() != Claim.Kind.LOCK) {
			throw new IllegalStateException("The " + this.claim.text()
					+ " cannot be shared: only locks are downgraded. Close the handle instead");
		}
		this.shared = true;
		CompletableFuture<Void> done = new CompletableFuture<>();
		engine().loop().run(() -> {
			if (!this.place.held() || !isHeld()) {
				done.completeExceptionally(notDowngraded());
				return;
			}
			this.place.downgrade((there) -> {
				if (there) {
					done.complete(null);
				}
				else {
					done.completeExceptionally(notDowngraded());
				}
			}, (failure) -> {
				this.shared = this.place.admission() == LockAdmission.SHARED;
				done.completeExceptionally(new LockUnavailableException("The " + this.claim.text()
						+ " could not be made a shared one: etcd gave no usable answer (" + failure.text() + ")",
						failure.cause()));
			});
		});
		await(done);
		if (!done.isDone()) {
			throw new LockUnavailableException(
					"The " + this.claim.text() + " may or may not be shared now: etcd gave no answer in time");
		}
		try {
			done.join();
		}
		catch (CompletionException ex) {
			throw (RuntimeException) ex.getCause();
		}
	}

	private LockLostException notDowngraded() {
		return new LockLostException("The " + this.claim.text() + " cannot be made a shared one: it is "
				+ ((this.loss != null) ? "lost" : "not held any more"));
	}

	// Release

	@Override
	public void close() {
		// What is told of a loss may close it, too: its end waits for that then.
		if (release() || this.loss == null) {
			await(this.ended);
		}
		unconfirmed();
	}

	/** Waits, whatever the thread is told, until it is done or the time is over. */
	private void await(CompletableFuture<Void> done) {
		boolean interrupted = false;
		long deadline = engine().store().deadline();
		while (true) {
			try {
				done.get(deadline - engine().clock().nanos(), TimeUnit.NANOSECONDS);
				break;
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

	@Override
	public CompletableFuture<Void> closeAsync() {
		release();
		CompletableFuture<Void> done = new CompletableFuture<>();
		this.ended.whenComplete((nothing, failure) -> engine().timers().callback(() -> done.complete(null)));
		if (!this.ended.isDone()) {
			engine().timers()
				.after(engine().settings().requestTimeout().toNanos(), () -> engine().timers().callback(() -> {
					unconfirmed();
					done.complete(null);
				}));
		}
		return done;
	}

	/** Nobody can say that it was held until it was released. */
	private void unconfirmed() {
		if (!this.proven) {
			lost("its session had not been renewed in time when it was released, and etcd did not answer");
		}
	}

	/** Gives it up, unless that has been done or it is lost. */
	private boolean release() {
		synchronized (this.ended) {
			if (this.released || this.loss != null) {
				return false;
			}
			this.released = true;
			this.proven = this.place.session().proven();
			this.until = engine().clock().nanos();
		}
		engine().loop().run(() -> this.place.leave(this.tenure, this));
		return true;
	}

	/** Its end is confirmed. */
	void released(boolean wasHeld) {
		if (wasHeld) {
			engine().tell(this.claim, (listeners) -> listeners.released(this));
			this.ended.complete(null);
		}
		else {
			lost("it was gone from etcd when it was to be released");
		}
	}

	@Override
	public String toString() {
		return "LockHandle[" + this.claim.request().quotedKeys() + ", token " + fencingToken() + ", "
				+ ((this.loss != null) ? "lost" : (this.until != Long.MIN_VALUE) ? "released" : "held") + "]";
	}

}
