package io.github.etcdlock.aop;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

import io.github.etcdlock.EtcdLockException;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockUnavailableException;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/** What is called instead of a method whose lock could not be had. */
final class Fallback {

	private final List<Method> candidates;

	private final int parameters;

	private Fallback(List<Method> candidates, int parameters) {
		this.candidates = candidates;
		this.parameters = parameters;
	}

	/**
	 * Finds the methods of that name, those that take the most specific exception first.
	 */
	static Fallback of(String name, Method method, Class<?> targetClass) {
		List<Method> named = new ArrayList<>();
		ReflectionUtils.doWithMethods(targetClass, named::add,
				(candidate) -> candidate.getName().equals(name) && !candidate.isBridge() && !candidate.isSynthetic());
		if (named.isEmpty()) {
			throw new LockMistake("its fallback \"" + name + "\" is no method of " + targetClass.getName(),
					"Write the method " + signature(name, method));
		}
		List<Method> fitting = named.stream()
			.filter((candidate) -> fits(candidate, method))
			.sorted(Comparator.comparingInt((candidate) -> -depth(candidate, method)))
			.toList();
		if (fitting.isEmpty()) {
			throw new LockMistake("its fallback \"" + name + "\" does not fit: found " + named.get(0).toGenericString(),
					"Give it the same parameters, optionally followed by the exception, and the same result: "
							+ signature(name, method));
		}
		fitting.forEach(ReflectionUtils::makeAccessible);
		return new Fallback(fitting, method.getParameterCount());
	}

	private static boolean fits(Method candidate, Method method) {
		if (candidate.equals(method) || Modifier.isStatic(candidate.getModifiers())
				|| Modifier.isAbstract(candidate.getModifiers())) {
			return false;
		}
		Class<?>[] expected = method.getParameterTypes();
		Class<?>[] actual = candidate.getParameterTypes();
		if (actual.length < expected.length || actual.length > expected.length + 1
				|| !Arrays.equals(expected, 0, expected.length, actual, 0, expected.length)) {
			return false;
		}
		boolean sameEnd = actual.length == expected.length || takesRefusal(actual[expected.length]);
		return sameEnd && (method.getReturnType() == void.class
				|| ClassUtils.isAssignable(method.getReturnType(), candidate.getReturnType()));
	}

	private static boolean takesRefusal(Class<?> type) {
		return Throwable.class.isAssignableFrom(type) && (type.isAssignableFrom(LockNotAcquiredException.class)
				|| type.isAssignableFrom(LockUnavailableException.class));
	}

	/** How specific the exception is that a method takes; 0 where it takes none. */
	private static int depth(Method candidate, Method method) {
		if (candidate.getParameterCount() == method.getParameterCount()) {
			return 0;
		}
		int depth = 0;
		for (Class<?> type = candidate.getParameterTypes()[method.getParameterCount()]; type != null; type = type
			.getSuperclass()) {
			depth++;
		}
		return depth;
	}

	private static String signature(String name, Method method) {
		StringBuilder signature = new StringBuilder(method.getReturnType().getSimpleName()).append(' ')
			.append(name)
			.append('(');
		for (Class<?> type : method.getParameterTypes()) {
			signature.append(type.getSimpleName()).append(", ");
		}
		return signature.append("LockNotAcquiredException)").toString();
	}

	/**
	 * Calls the first method that takes this refusal; throws the refusal itself if none
	 * does.
	 */
	@Nullable Object call(Call call, EtcdLockException refusal) throws Throwable {
		for (Method candidate : this.candidates) {
			boolean withRefusal = candidate.getParameterCount() > this.parameters;
			if (withRefusal && !candidate.getParameterTypes()[this.parameters].isInstance(refusal)) {
				continue;
			}
			@Nullable Object[] arguments = Arrays.copyOf(call.arguments(), candidate.getParameterCount());
			if (withRefusal) {
				arguments[this.parameters] = refusal;
			}
			try {
				return candidate.invoke(call.target(), arguments);
			}
			catch (InvocationTargetException ex) {
				throw ex.getTargetException();
			}
		}
		throw refusal;
	}

}
