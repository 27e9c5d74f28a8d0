package io.github.etcdlock.aop;

import java.lang.reflect.Method;

/**
 * What <code>#root</code> is in an expression. It has no text of its own, so that it is
 * never a key.
 */
final class CallRoot {

	private final Object target;

	private final Method method;

	CallRoot(Object target, Method method) {
		this.target = target;
		this.method = method;
	}

	/** The bean itself, not its proxy. */
	public Object getTarget() {
		return this.target;
	}

	/** The method that runs. */
	public Method getMethod() {
		return this.method;
	}

}
