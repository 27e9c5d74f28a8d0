package io.github.etcdlock.aop;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.OnBusy;
import io.github.etcdlock.OnLoss;
import kotlin.Unit;
import kotlin.coroutines.Continuation;
import kotlin.coroutines.CoroutineContext;
import kotlin.coroutines.EmptyCoroutineContext;
import kotlin.coroutines.intrinsics.IntrinsicsKt;
import kotlinx.coroutines.CompletableJob;
import kotlinx.coroutines.JobKt;
import kotlinx.coroutines.flow.FlowCollector;
import kotlinx.coroutines.reactive.ReactiveFlowKt;
import org.aopalliance.intercept.MethodInterceptor;
import org.jspecify.annotations.NonNull;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import org.springframework.aop.framework.Advised;
import org.springframework.core.ReactiveAdapter;
import org.springframework.core.ReactiveAdapterRegistry;
import reactor.adapter.JdkFlowAdapter;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

class LockedPublisherTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private final Locking locking = new Locking();

	private final RecordingLockTemplate template = this.locking.template;

	private final Sinks.One<String> work = Sinks.one();

	private final Sinks.Many<String> stream = Sinks.many().unicast().onBackpressureBuffer();

	private final Jobs target = new Jobs(this.template);

	private final Jobs jobs = this.locking.proxy(this.target);

	private boolean held() {
		return !this.template.requests().isEmpty() && !this.template.isIdle();
	}

	/** The lock is held at once, and the work begins on another thread. */
	private void awaitWork() {
		await().until(() -> this.work.currentSubscriberCount() == 1);
	}

	@Test
	void lockIsHeldFromSubscriptionToCompletion() throws Exception {
		Mono<String> mono = this.jobs.mono(this.work.asMono());
		assertThat(this.template.requests()).isEmpty();
		CompletableFuture<String> result = mono.toFuture();
		awaitWork();
		assertThat(held()).isTrue();
		this.work.tryEmitValue("done");
		assertThat(result.get()).isEqualTo("done");
		assertThat(this.template.isIdle()).isTrue();
	}

	@Test
	void singleValueComesWhenTheLockIsFree() {
		Mono<Boolean> free = this.jobs.mono(Mono.just("done")).map((value) -> this.template.isIdle());
		assertThat(free.block(PATIENCE)).isTrue();
	}

	@Test
	void manyValuesComeAtOnceAndTheEndWhenTheLockIsFree() {
		List<String> seen = new CopyOnWriteArrayList<>();
		this.jobs.flux(this.stream.asFlux())
			.doOnComplete(() -> seen.add("free: " + this.template.isIdle()))
			.subscribe((value) -> seen.add(value + " held: " + held()));
		await().until(this::held);
		this.stream.tryEmitNext("a");
		await().until(() -> seen.size() == 1);
		this.stream.tryEmitComplete();
		await().until(() -> seen.size() == 2);
		assertThat(seen).containsExactly("a held: true", "free: true");
	}

	@Test
	void eachSubscriptionTakesTheLockAndCallsTheMethod() {
		Mono<String> mono = this.jobs.counted("7");
		assertThat(mono.block(PATIENCE)).isEqualTo("run 1");
		assertThat(mono.block(PATIENCE)).isEqualTo("run 2");
		assertThat(this.template.keys()).containsExactly("count:7", "count:7");
	}

	@Test
	void otherAdvisorsRunAtEachSubscription() {
		AtomicInteger advised = new AtomicInteger();
		((Advised) this.jobs).addAdvice((MethodInterceptor) (invocation) -> {
			advised.incrementAndGet();
			return invocation.proceed();
		});
		Mono<String> mono = this.jobs.counted("7");
		assertThat(advised).hasValue(0);
		mono.block(PATIENCE);
		mono.block(PATIENCE);
		assertThat(advised).hasValue(2);
	}

	@Test
	void methodRunsWhereBlockingIsNotAllowed() {
		assertThat(this.jobs.thread().block(PATIENCE)).startsWith("parallel-");
	}

	@Test
	void failureOfTheWorkPassesAndReleases() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.jobs.mono(Mono.error(new IllegalArgumentException("no"))).block(PATIENCE))
			.withMessage("no");
		assertThat(this.template.isIdle()).isTrue();
	}

	@Test
	void failureOfTheMethodIsAnErrorSignal() {
		Mono<String> mono = this.jobs.mono(null);
		assertThatIllegalStateException().isThrownBy(() -> mono.block(PATIENCE)).withMessage("no work");
		assertThat(this.template.isIdle()).isTrue();
	}

	@Test
	void cancellationCancelsTheWorkAndReleases() {
		AtomicInteger cancelled = new AtomicInteger();
		Disposable subscription = this.jobs.mono(this.work.asMono().doOnCancel(cancelled::incrementAndGet)).subscribe();
		awaitWork();
		subscription.dispose();
		await().untilAsserted(() -> assertThat(this.template.isIdle()).isTrue());
		assertThat(cancelled).hasValue(1);
	}

	@Test
	void cancellationWhileWaitingCancelsTheRequest() {
		CompletableFuture<LockHandle> pending = new CompletableFuture<>();
		this.template.answerWith(pending);
		this.jobs.mono(this.work.asMono()).subscribe().dispose();
		assertThat(pending).isCancelled();
	}

	@Test
	void lockThatComesTogetherWithTheCancellationIsReleased() {
		for (int i = 0; i < 200; i++) {
			CompletableFuture<LockHandle> pending = new CompletableFuture<>();
			this.template.answerWith(pending);
			Disposable subscription = this.jobs.mono(Mono.never()).subscribe();
			RecordingLockTemplate.Handle lock = new RecordingLockTemplate.Handle(this.template.last());
			CompletableFuture<Boolean> granted = CompletableFuture.supplyAsync(() -> pending.complete(lock));
			subscription.dispose();
			if (granted.join()) {
				await().pollInterval(Duration.ofMillis(1)).until(() -> !lock.isHeld());
			}
		}
	}

	@Test
	void busyIsAnErrorSignalAnEmptyOneOrTheFallback() {
		this.template.refuseWith(new LockNotAcquiredException("busy"));
		Mono<String> mono = this.jobs.mono(this.work.asMono());
		assertThatExceptionOfType(LockNotAcquiredException.class).isThrownBy(() -> mono.block(PATIENCE));
		assertThat(this.jobs.skipping().block(PATIENCE)).isNull();
		assertThat(this.jobs.withFallback("7").collectList().block(PATIENCE)).containsExactly("instead of 7: busy");
	}

	@Test
	void etcdThatIsDownIsNotBusy() {
		this.template.refuseWith(new LockUnavailableException("down"));
		assertThatExceptionOfType(LockUnavailableException.class)
			.isThrownBy(() -> this.jobs.skipping().block(PATIENCE));
		assertThat(this.jobs.withFallback("7").blockFirst(PATIENCE)).isEqualTo("instead of 7: down");
	}

	@Test
	void refusalWithinTheWorkIsNotOnesOwn() {
		assertThatExceptionOfType(LockNotAcquiredException.class)
			.isThrownBy(() -> this.jobs.withFallback("inner").blockLast(PATIENCE))
			.withMessage("inner");
	}

	@Test
	void lossIsAnErrorSignalWhenTheWorkHasEnded() {
		CompletableFuture<String> result = this.jobs.mono(this.work.asMono()).toFuture();
		awaitWork();
		this.template.lastHandle().lose();
		assertThat(result).isNotDone();
		this.work.tryEmitValue("done");
		assertThat(result).failsWithin(PATIENCE).withThrowableThat().withCauseInstanceOf(LockLostException.class);
	}

	@Test
	void failureOfTheWorkCarriesTheLoss() {
		CompletableFuture<String> result = this.jobs.mono(this.work.asMono()).toFuture();
		awaitWork();
		this.template.lastHandle().lose();
		IllegalArgumentException failure = new IllegalArgumentException("no");
		this.work.tryEmitError(failure);
		assertThat(result).failsWithin(PATIENCE).withThrowableThat().withCause(failure);
		assertThat(failure.getSuppressed()).hasOnlyElementsOfType(LockLostException.class);
	}

	@Test
	void lossCancelsTheWorkIfAsked() {
		AtomicInteger cancelled = new AtomicInteger();
		CompletableFuture<String> result = this.jobs
			.interruptible(this.work.asMono().doOnCancel(cancelled::incrementAndGet))
			.toFuture();
		awaitWork();
		this.template.lastHandle().lose();
		assertThat(result).failsWithin(PATIENCE)
			.withThrowableThat()
			.withCauseInstanceOf(LockLostException.class)
			.withMessageContaining("so it was cancelled");
		assertThat(cancelled).hasValue(1);
	}

	@Test
	void nestedLocksJoinThroughTheContext() {
		this.target.self = this.jobs;
		assertThat(this.jobs.outer("a", "a").block(PATIENCE)).isEqualTo("inner a");
		assertThat(this.template.keys()).containsExactly("n:a");
		assertThat(this.jobs.outer("a", "b").block(PATIENCE)).isEqualTo("inner b");
		assertThat(this.template.keys()).containsExactly("n:a", "n:a", "n:b");
		assertThat(this.template.isIdle()).isTrue();
	}

	@Test
	void nestedLocksDoNotJoinALostOne() {
		this.target.self = this.jobs;
		this.target.beforeInner = () -> this.template.lastHandle().lose();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> this.jobs.outer("a", "a").block(PATIENCE))
			.withMessageContaining("not held any more");
	}

	@Test
	void threadThatHoldsTheLockIsRefused() {
		this.template.executeWithoutResult("count:7",
				(lock) -> assertThatIllegalStateException().isThrownBy(() -> this.jobs.counted("7").block(PATIENCE))
					.withMessageContaining("subscribe without holding the lock"));
		this.template.executeWithoutResult("count:7", (outer) -> this.template.executeWithoutResult("other",
				(inner) -> assertThatIllegalStateException().isThrownBy(() -> this.jobs.counted("7").block(PATIENCE))));
	}

	@Test
	void eachSubscriptionIsHandedItsOwnLock() {
		Mono<LockHandle> mono = this.jobs.handedIn("7", null);
		LockHandle first = mono.block(PATIENCE);
		assertThat(first).isNotNull().isNotSameAs(mono.block(PATIENCE));
		assertThat(this.template.keys()).containsExactly("handed:7", "handed:7");
	}

	@Test
	void minimumTimeGoesToTheHandle() {
		assertThat(this.jobs.atLeast().block(PATIENCE)).isEqualTo("ran");
		assertThat(this.template.lastHandle().atLeast()).isEqualTo(Duration.ofMinutes(2));
	}

	@Test
	void otherPublishersAreLockedToo() {
		assertThat(Flux.from(this.jobs.publisher()).collectList().block(PATIENCE)).containsExactly("held: true");
		assertThat(JdkFlowAdapter.flowPublisherToFlux(this.jobs.flow()).collectList().block(PATIENCE))
			.containsExactly("held: true");
		assertThat(this.template.keys()).hasSize(2);
		assertThat(this.template.isIdle()).isTrue();
	}

	@Test
	void flowOfCoroutinesIsLockedToo() {
		ReactiveAdapter coroutines = ReactiveAdapterRegistry.getSharedInstance()
			.getAdapter(kotlinx.coroutines.flow.Flow.class);
		Publisher<String> flow = coroutines.toPublisher(this.jobs.coroutines());
		assertThat(this.template.keys()).isEmpty();
		assertThat(Flux.from(flow).collectList().block(PATIENCE)).containsExactly("held: true");
		assertThat(this.template.keys()).containsExactly("coroutines");
		assertThat(this.template.isIdle()).isTrue();
	}

	@Test
	void suspendingFunctionIsLockedUntilItResumes() throws Exception {
		Caller caller = new Caller();
		this.jobs.suspending("7", caller);
		assertThat(caller.result.get()).isEqualTo("held: true");
		assertThat(this.template.keys()).containsExactly("suspend:7");
		assertThat(this.template.isIdle()).isTrue();
	}

	@Test
	void suspendedFunctionKeepsTheLockUntilItResumes() throws Exception {
		Suspends suspends = new Suspends();
		Caller caller = new Caller();
		suspends.locked(this.locking).emit("7", caller);
		Continuation<? super Unit> work = suspends.work.get(10, TimeUnit.SECONDS);
		assertThat(held()).isTrue();
		assertThat(caller.result).isNotDone();
		work.resumeWith(Unit.INSTANCE);
		assertThat(caller.result).succeedsWithin(PATIENCE);
		assertThat(this.template.keys()).containsExactly("emit:7");
		assertThat(this.template.isIdle()).isTrue();
	}

	@Test
	void cancelledCoroutineGivesTheLockBack() throws Exception {
		Suspends suspends = new Suspends();
		CompletableJob job = JobKt.Job(null);
		Caller caller = new Caller(job);
		suspends.locked(this.locking).emit("7", caller);
		suspends.work.get(10, TimeUnit.SECONDS);
		assertThat(held()).isTrue();
		job.cancel(null);
		await().until(this.template::isIdle);
		assertThat(caller.result).succeedsWithin(PATIENCE).asString().contains("Cancel");
	}

	/**
	 * A suspending function of an interface that Kotlin has compiled, so that Spring
	 * passes it the continuation of its own coroutine.
	 */
	static class Suspends implements FlowCollector<String> {

		private final CompletableFuture<Continuation<? super Unit>> work = new CompletableFuture<>();

		@SuppressWarnings("unchecked")
		private FlowCollector<String> locked(Locking locking) {
			return (FlowCollector<String>) locking.withInterfaceProxies().<Object>proxy(this);
		}

		@Override
		@DistributedLock("emit:#{#p0}")
		public @NonNull Object emit(String value, @NonNull Continuation<? super Unit> continuation) {
			this.work.complete(continuation);
			return IntrinsicsKt.getCOROUTINE_SUSPENDED();
		}

	}

	/** What Kotlin's compiler passes to a suspending function. */
	private static final class Caller implements Continuation<Object> {

		private final CompletableFuture<@Nullable Object> result = new CompletableFuture<>();

		private final CoroutineContext context;

		Caller() {
			this(EmptyCoroutineContext.INSTANCE);
		}

		Caller(CoroutineContext context) {
			this.context = context;
		}

		@Override
		public @NonNull CoroutineContext getContext() {
			return this.context;
		}

		@Override
		public void resumeWith(@NonNull Object value) {
			this.result.complete(value);
		}

	}

	static class Jobs {

		private final RecordingLockTemplate template;

		private final AtomicInteger runs = new AtomicInteger();

		private Jobs self = this;

		private Runnable beforeInner = () -> {
		};

		Jobs(RecordingLockTemplate template) {
			this.template = template;
		}

		private String held() {
			return "held: " + !this.template.isIdle();
		}

		@DistributedLock("mono")
		public Mono<String> mono(@Nullable Mono<String> work) {
			if (work == null) {
				throw new IllegalStateException("no work");
			}
			return work;
		}

		@DistributedLock("flux")
		public Flux<String> flux(Flux<String> work) {
			return work;
		}

		@DistributedLock("count:#{#id}")
		public Mono<String> counted(String id) {
			return Mono.just("run " + this.runs.incrementAndGet());
		}

		@DistributedLock("thread")
		public Mono<String> thread() {
			assertThat(Schedulers.isInNonBlockingThread()).isTrue();
			return Mono.just(Thread.currentThread().getName());
		}

		@DistributedLock(key = "skip", onBusy = OnBusy.SKIP)
		public Mono<String> skipping() {
			return Mono.just("ran");
		}

		@DistributedLock(key = "fallback", fallback = "instead")
		public Flux<String> withFallback(String id) {
			return Flux.error(new LockNotAcquiredException(id));
		}

		Flux<String> instead(String id, RuntimeException refusal) {
			return Flux.just("instead of " + id + ": " + refusal.getMessage());
		}

		@DistributedLock(key = "interruptible", onLoss = OnLoss.INTERRUPT)
		public Mono<String> interruptible(Mono<String> work) {
			return work;
		}

		@DistributedLock("n:#{#key}")
		public Mono<String> outer(String key, String inner) {
			return Mono.defer(() -> {
				this.beforeInner.run();
				return this.self.inner(inner);
			});
		}

		@DistributedLock("n:#{#key}")
		public Mono<String> inner(String key) {
			return Mono.just("inner " + key);
		}

		@DistributedLock("handed:#{#id}")
		public Mono<LockHandle> handedIn(String id, @Nullable LockHandle lock) {
			return Mono.justOrEmpty(lock);
		}

		@DistributedLock(key = "tick", holdAtLeast = "2m")
		public Mono<String> atLeast() {
			return Mono.just("ran");
		}

		@DistributedLock("publisher")
		public Publisher<String> publisher() {
			return Mono.fromSupplier(this::held);
		}

		@DistributedLock("flow")
		public Flow.Publisher<String> flow() {
			return JdkFlowAdapter.publisherToFlowPublisher(Mono.fromSupplier(this::held));
		}

		@DistributedLock("coroutines")
		public kotlinx.coroutines.flow.Flow<String> coroutines() {
			return ReactiveFlowKt.asFlow(Mono.fromSupplier(this::held));
		}

		@DistributedLock("suspend:#{#p0}")
		public Object suspending(String id, Continuation<? super String> continuation) {
			return held();
		}

	}

}
