package io.github.etcdlock.aop;

import java.util.concurrent.atomic.AtomicBoolean;

import io.github.etcdlock.EtcdLockException;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.OnBusy;
import io.github.etcdlock.OnLoss;
import org.reactivestreams.Publisher;
import org.springframework.core.ReactiveAdapter;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.ContextView;

/**
 * What the caller of a method that returns a publisher gets. Each subscription takes the
 * lock, then calls the method and subscribes to what that returns, and gives the lock
 * back when this has ended or was cancelled. Needs Reactor, so it is only loaded where a
 * publisher is locked.
 */
final class LockedPublisher {

	private final LockTemplate template;

	private final LockedMethod method;

	private final ReactiveAdapter adapter;

	private final Call call;

	private final LockRequest request;

	private final Proceed rest;

	private final Losses losses;

	LockedPublisher(LockTemplate template, LockedMethod method, ReactiveAdapter adapter, Call call, LockRequest request,
			Proceed rest, Losses losses) {
		this.template = template;
		this.method = method;
		this.adapter = adapter;
		this.call = call;
		this.request = request;
		this.rest = rest;
		this.losses = losses;
	}

	/** A single value is passed on when the lock is free again, several as they come. */
	Object around() {
		Flux<Object> locked = Flux.deferContextual(this::subscribed);
		return this.adapter.fromPublisher(this.adapter.isMultiValue() ? locked : locked.singleOrEmpty());
	}

	private Flux<Object> subscribed(ContextView context) {
		ContextLocks held = ContextLocks.of(this.template, context);
		LockHandle joined = held.joinable(this.request);
		if (joined != null) {
			return under(joined, held);
		}
		this.method.checkNotHeld(this.template, this.request, "subscribes to", "it has ended: subscribe");
		ReactiveHold hold = new ReactiveHold(this.method, this.template.acquireAsync(this.request));
		return Flux
			.usingWhen(Mono.just(hold), (asked) -> work(asked, held), ReactiveHold::release, ReactiveHold::releaseAfter,
					ReactiveHold::giveUp)
			.concatWith(hold.loss());
	}

	private Flux<Object> work(ReactiveHold hold, ContextLocks held) {
		return hold.acquired()
			.map((lock) -> under(lock, held.with(lock)))
			.onErrorResume(EtcdLockException.class, (refusal) -> Mono.just(withoutLock(refusal)))
			.flatMapMany((work) -> work);
	}

	/** The work, which begins when it is subscribed to. */
	private Flux<Object> under(LockHandle lock, ContextLocks held) {
		Flux<Object> work = Flux.defer(() -> published(() -> {
			Call once = this.call.copy();
			return new LockedCall(this.method, once, this.rest.again(once.arguments()), this.losses).run(lock);
		})).contextWrite(held::into);
		return (this.method.onLoss() == OnLoss.INTERRUPT) ? Flux.defer(() -> untilLost(work, lock)) : work;
	}

	/** Cancels the work when its lock is lost, and ends with the loss. */
	private Flux<Object> untilLost(Flux<Object> work, LockHandle lock) {
		AtomicBoolean lost = new AtomicBoolean();
		Mono<Boolean> loss = Mono
			.<Boolean>create((sink) -> sink.onDispose(this.losses.watch(lock, () -> sink.success(true))::run))
			.publishOn(Schedulers.parallel())
			.doOnNext(lost::set);
		return work.takeUntilOther(loss)
			.concatWith(Mono.defer(
					() -> lost.get() ? Mono.error(this.method.lost(lock, "so it was cancelled", null)) : Mono.empty()));
	}

	private Flux<Object> withoutLock(EtcdLockException refusal) {
		boolean busy = refusal instanceof LockNotAcquiredException;
		Fallback fallback = this.method.fallback();
		if (fallback != null && (busy || refusal instanceof LockUnavailableException)) {
			return Flux.defer(() -> published(() -> fallback.call(this.call, refusal)));
		}
		return (busy && this.method.onBusy() == OnBusy.SKIP) ? Flux.empty() : Flux.error(refusal);
	}

	/** What a method returns, or throws, as a publisher. */
	private Publisher<Object> published(Proceed source) {
		try {
			return this.adapter.toPublisher(source.proceed());
		}
		catch (LockedCall.Undeclared ex) {
			return Flux.error(ex.thrown());
		}
		catch (Throwable ex) {
			return Flux.error(ex);
		}
	}

}
