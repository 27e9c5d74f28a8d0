package io.github.etcdlock.aop;

import org.aspectj.lang.ProceedingJoinPoint;
import org.jspecify.annotations.Nullable;

/** The rest of a call that was woven. */
final class WovenCall implements Proceed {

	private final ProceedingJoinPoint call;

	private final @Nullable Object[] arguments;

	WovenCall(ProceedingJoinPoint call, @Nullable Object[] arguments) {
		this.call = call;
		this.arguments = arguments;
	}

	@Override
	public @Nullable Object proceed() throws Throwable {
		return this.call.proceed(this.arguments);
	}

	@Override
	public Proceed again(@Nullable Object[] arguments) {
		return new WovenCall(this.call, arguments);
	}

}
