package io.github.etcdlock.aop;

import java.lang.reflect.Method;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

import io.github.etcdlock.EtcdLockException;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.OnBusy;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

/** Runs locked methods under their locks. */
final class DistributedLockAspect implements MethodInterceptor {

	private final LockedMethods methods;

	private final Supplier<LockTemplate> template;

	private final Losses losses = new Losses();

	DistributedLockAspect(LockedMethods methods, Supplier<LockTemplate> template) {
		this.methods = methods;
		this.template = template;
	}

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		Object target = invocation.getThis();
		if (target == null) {
			return invocation.proceed();
		}
		return around(target, invocation.getMethod(), invocation.getArguments(), new InvocationRest(invocation));
	}

	@Nullable Object around(Object target, Method method, @Nullable Object[] arguments, Proceed rest) throws Throwable {
		LockedMethod locked = this.methods.find(method, target.getClass());
		if (locked == null) {
			return rest.proceed();
		}
		Call call = new Call(target, method, arguments);
		if (!locked.appliesTo(call)) {
			return rest.proceed();
		}
		LockRequest request = locked.request(call);
		if (locked.adapter() != null) {
			return new LockedPublisher(this.template.get(), locked, locked.adapter(), call, request, rest, this.losses)
				.around();
		}
		LockedCall action = new LockedCall(locked, call, rest, this.losses);
		try {
			return locked.result().isStage() ? runStage(locked, request, action)
					: this.template.get().execute(request, action);
		}
		catch (LockNotAcquiredException | LockUnavailableException ex) {
			if (action.begun()) {
				throw ex;
			}
			return withoutLock(locked, call, ex);
		}
		catch (LockedCall.Undeclared ex) {
			throw ex.thrown();
		}
	}

	private @Nullable Object withoutLock(LockedMethod locked, Call call, EtcdLockException refusal) throws Throwable {
		if (locked.fallback() != null) {
			return locked.fallback().call(call, refusal);
		}
		if (locked.onBusy() == OnBusy.SKIP && refusal instanceof LockNotAcquiredException) {
			return locked.result().empty();
		}
		if (locked.result().isStage()) {
			return CompletableFuture.failedFuture(refusal);
		}
		throw refusal;
	}

	/**
	 * Waits for the lock and begins the work on the caller's thread, so that it finds
	 * there what it expects, and leaves the lock to the stage.
	 */
	private @Nullable Object runStage(LockedMethod locked, LockRequest request, LockedCall action) throws Exception {
		locked.checkNotHeld(this.template.get(), request, "calls", "its stage completes: call it");
		LockHandle lock = acquire(request);
		LockedStage stage = new LockedStage(lock, locked);
		try {
			Object result = action.run(lock);
			return (result instanceof CompletionStage<?> work) ? stage.until(work) : stage.endNow();
		}
		catch (Throwable ex) {
			stage.endNow(ex);
			throw ex;
		}
	}

	private LockHandle acquire(LockRequest request) {
		try {
			return this.template.get().acquire(request);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new LockNotAcquiredException("Interrupted while waiting for the lock on " + request.quotedKeys(), ex);
		}
	}

}
