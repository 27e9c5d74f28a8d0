package io.github.etcdlock.aop;

import java.lang.reflect.Method;

/** Which marked methods can be advised at all, in one of the ways there are. */
@FunctionalInterface
interface MethodRules {

	/** Throws a {@link LockMistake} for one that cannot. */
	void check(Method method, Class<?> targetClass);

}
