package io.github.etcdlock.aop;

import java.util.concurrent.CompletableFuture;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The lock of one subscription, from when it was asked for. What it tells is told on
 * Reactor's parallel threads, so that no chain runs on the few threads of the library.
 */
final class ReactiveHold {

	private final LockedMethod method;

	private final CompletableFuture<LockHandle> lock;

	/** Set by whoever sees it first, and never taken back. */
	private volatile boolean lost;

	ReactiveHold(LockedMethod method, CompletableFuture<LockHandle> lock) {
		this.method = method;
		this.lock = lock;
	}

	/** The lock, or why it could not be had; a cancellation is {@link #giveUp()}'s. */
	Mono<LockHandle> acquired() {
		return Mono.fromFuture(this.lock, true)
			.doOnNext((handle) -> handle.onLost(() -> this.lost = true))
			.publishOn(Schedulers.parallel());
	}

	/** After the work, and before its end is told. */
	Mono<Void> release() {
		LockHandle handle = handle();
		if (handle == null) {
			return Mono.empty();
		}
		if (!handle.isHeld()) {
			this.lost = true;
		}
		return Mono.fromFuture(handle.closeAsync(), true).publishOn(Schedulers.parallel());
	}

	/** After the work has failed: its error wins, and carries the loss. */
	Mono<Void> releaseAfter(Throwable failure) {
		return release()
			.then(loss().onErrorResume(LockLostException.class, (loss) -> Mono.fromRunnable(() -> addTo(failure, loss)))
				.then());
	}

	private static void addTo(Throwable failure, LockLostException loss) {
		if (!(failure instanceof LockLostException)) {
			failure.addSuppressed(loss);
		}
	}

	/** The subscriber has gone, perhaps while the lock was still waited for. */
	Mono<Void> giveUp() {
		return this.lock.cancel(false) ? Mono.empty() : release();
	}

	/** After the release: an error if the lock had been lost before. */
	Mono<Object> loss() {
		return Mono.defer(() -> {
			LockHandle handle = handle();
			return (handle != null && this.lost)
					? Mono.error(this.method.lost(handle, "which went on to its end", null)) : Mono.empty();
		});
	}

	private @Nullable LockHandle handle() {
		return this.lock.isCompletedExceptionally() ? null : this.lock.getNow(null);
	}

}
