package io.github.etcdlock.aop;

import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aop.interceptor.ExposeInvocationInterceptor;

/** The rest of a call through a Spring proxy. */
final class InvocationRest implements Proceed {

	private final MethodInvocation invocation;

	InvocationRest(MethodInvocation invocation) {
		this.invocation = invocation;
	}

	@Override
	public @Nullable Object proceed() throws Throwable {
		return this.invocation.proceed();
	}

	/**
	 * An invocation goes through its advisors once, so each repetition needs a copy; and
	 * aspects find on whatever thread that is what they would find on the caller's.
	 */
	@Override
	public Proceed again(@Nullable Object[] arguments) {
		return (this.invocation instanceof ProxyMethodInvocation proxied)
				? () -> ExposeInvocationInterceptor.INSTANCE.invoke(proxied.invocableClone(arguments)) : this;
	}

}
