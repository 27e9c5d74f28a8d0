package io.github.etcdlock.chaos;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.EtcdLockException;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.aop.DistributedLockAdvisor;
import io.github.etcdlock.chaos.EngineLocks.EngineHold;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.core.env.StandardEnvironment;
import reactor.core.Disposable;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** A method that returns a publisher, locked as an application's would be. */
class LockedWork {

	private static final Logger logger = LoggerFactory.getLogger(LockedWork.class);

	static LockedWork on(LockTemplate locks) {
		// Whoever cancels at the moment of a failure does not hear of it any more.
		Hooks.onErrorDropped((failure) -> {
			if (!(failure instanceof EtcdLockException)) {
				logger.error("Nobody heard of a failure", failure);
			}
		});
		ProxyFactory factory = new ProxyFactory(new LockedWork());
		factory.setProxyTargetClass(true);
		factory.addAdvisor(new DistributedLockAdvisor(new StandardEnvironment(), null, true, () -> locks, 0));
		return (LockedWork) factory.getProxy();
	}

	@DistributedLock(key = "#{#key}", waitTime = "15s")
	public Mono<Void> under(String key, Function<LockHandle, Mono<Void>> work, @Nullable LockHandle lock) {
		return work.apply(lock);
	}

	/** Work that goes on until it is completed, or nobody subscribes to it any more. */
	static final class Subscription {

		private final CompletableFuture<Hold> acquired = new CompletableFuture<>();

		private final CompletableFuture<Void> ended = new CompletableFuture<>();

		private final Sinks.Empty<Void> end = Sinks.empty();

		private final Disposable subscription;

		Subscription(LockedWork work, String key) {
			this.subscription = work.under(key, this::begin, null).subscribe((nothing) -> {
			}, this::fail, () -> this.ended.complete(null));
		}

		private Mono<Void> begin(LockHandle lock) {
			this.acquired.complete(new EngineHold(lock));
			return this.end.asMono();
		}

		private void fail(Throwable failure) {
			this.acquired.completeExceptionally(failure);
			this.ended.completeExceptionally(failure);
		}

		/** The lock, or nothing when it was busy for so long. */
		Optional<Hold> await(Duration time) throws InterruptedException {
			try {
				return Optional.of(this.acquired.get(time.toNanos(), TimeUnit.NANOSECONDS));
			}
			catch (TimeoutException ex) {
				return Optional.empty();
			}
			catch (ExecutionException ex) {
				if (ex.getCause() instanceof LockNotAcquiredException) {
					return Optional.empty();
				}
				throw (RuntimeException) ex.getCause();
			}
		}

		/** Ends the work and waits until the lock is given back, or found to be lost. */
		void complete(Duration time) throws InterruptedException {
			this.end.tryEmitEmpty();
			try {
				this.ended.get(time.toNanos(), TimeUnit.NANOSECONDS);
			}
			catch (ExecutionException ex) {
				if (!(ex.getCause() instanceof LockLostException)) {
					throw new IllegalStateException("A publisher ended unexpectedly", ex);
				}
			}
			catch (TimeoutException ex) {
				throw new IllegalStateException("A publisher did not end", ex);
			}
		}

		void cancel() {
			this.subscription.dispose();
		}

	}

}
