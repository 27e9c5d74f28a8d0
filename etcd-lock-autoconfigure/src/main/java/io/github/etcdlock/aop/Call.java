package io.github.etcdlock.aop;

import java.lang.reflect.Method;

import org.jspecify.annotations.Nullable;

/** One call of a locked method. */
final class Call {

	private final Object target;

	private final Method method;

	private final @Nullable Object[] arguments;

	Call(Object target, Method method, @Nullable Object[] arguments) {
		this.target = target;
		this.method = method;
		this.arguments = arguments;
	}

	/** The same with arguments of its own, which may be filled in. */
	Call copy() {
		return new Call(this.target, this.method, this.arguments.clone());
	}

	Object target() {
		return this.target;
	}

	Method method() {
		return this.method;
	}

	@Nullable Object[] arguments() {
		return this.arguments;
	}

	@Nullable Object argument(int index) {
		return (index < this.arguments.length) ? this.arguments[index] : null;
	}

}
