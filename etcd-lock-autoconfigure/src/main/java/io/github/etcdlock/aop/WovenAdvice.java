package io.github.etcdlock.aop;

import java.lang.reflect.Method;

import org.jspecify.annotations.Nullable;

/** What is done around a woven call. */
@FunctionalInterface
interface WovenAdvice {

	/** For whom proxies do it all, and before any application context has started. */
	WovenAdvice NONE = (target, method, arguments, rest) -> rest.proceed();

	@Nullable Object around(@Nullable Object target, Method method, @Nullable Object[] arguments, Proceed rest) throws Throwable;

}
