package io.github.etcdlock.aop;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.OnLoss;
import org.jspecify.annotations.Nullable;

/**
 * What the caller of a method that returns a stage gets: it completes as the method's own
 * stage does, after the lock is released, or with the loss of the lock. It does so on the
 * default executor of futures, for what follows may block, and the library's threads are
 * few.
 */
final class LockedStage {

	private final CompletableFuture<@Nullable Object> result = new CompletableFuture<>();

	private final LockHandle lock;

	private final LockedMethod method;

	private volatile boolean lost;

	LockedStage(LockHandle lock, LockedMethod method) {
		this.lock = lock;
		this.method = method;
		lock.onLost(() -> this.lost = true);
	}

	/** Holds the lock until the work completes. */
	CompletableFuture<?> until(CompletionStage<?> work) {
		this.result.whenComplete((value, error) -> {
			if (this.result.isCancelled()) {
				// The lock stays until the work has really ended, which this may or may
				// not bring about.
				work.toCompletableFuture().cancel(true);
			}
		});
		if (this.method.onLoss() == OnLoss.INTERRUPT) {
			this.lock.onLost(() -> this.result.defaultExecutor().execute(() -> giveUp(work)));
		}
		work.whenComplete(this::release);
		return this.result;
	}

	/** Releases the lock of a method that has begun no work. */
	@Nullable Object endNow() {
		if (!releasedHeld()) {
			throw loss();
		}
		return null;
	}

	/** Releases the lock of a method that has failed before it could return a stage. */
	void endNow(Throwable failure) {
		if (!releasedHeld() && !(failure instanceof LockLostException)) {
			failure.addSuppressed(loss());
		}
	}

	/** Some losses only the release finds. */
	private boolean releasedHeld() {
		boolean held = this.lock.isHeld();
		this.lock.close();
		return held && !this.lost;
	}

	private void giveUp(CompletionStage<?> work) {
		this.result.completeExceptionally(this.method.lost(this.lock, "so its result is not awaited", null));
		work.toCompletableFuture().cancel(true);
	}

	private void release(@Nullable Object value, @Nullable Throwable error) {
		boolean held = this.lock.isHeld();
		this.lock.closeAsync().whenCompleteAsync((closed, never) -> settle(value, error, held && !this.lost));
	}

	private void settle(@Nullable Object value, @Nullable Throwable error, boolean held) {
		if (error != null) {
			if (!held) {
				error.addSuppressed(loss());
			}
			this.result.completeExceptionally(error);
		}
		else if (!held) {
			this.result.completeExceptionally(loss());
		}
		else {
			this.result.complete(value);
		}
	}

	private LockLostException loss() {
		return this.method.lost(this.lock, "which went on to its end", null);
	}

}
