package io.github.etcdlock.aop;

import java.lang.reflect.Method;

import org.jspecify.annotations.Nullable;

/** Refuses calls when nobody is left who could lock them. */
record ClosedAdvice(String context) implements WovenAdvice {

	@Override
	public @Nullable Object around(@Nullable Object target, Method method, @Nullable Object[] arguments, Proceed rest) {
		throw new IllegalStateException(method.getDeclaringClass().getName() + "." + method.getName()
				+ " was called after its application context " + this.context
				+ " had been closed, so there is nothing left to lock it with");
	}

}
