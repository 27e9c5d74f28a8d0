package io.github.etcdlock.aop;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;

import io.github.etcdlock.FencingToken;
import io.github.etcdlock.LockHandle;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.core.annotation.AnnotatedMethod;

/**
 * Which parameters of a locked method are filled from its lock.
 *
 * @param handles those that get the lock
 * @param tokens those that get its fencing token
 */
record HandedIn(List<Integer> handles, List<Integer> tokens) {

	static HandedIn of(Method method) {
		List<Integer> handles = new ArrayList<>(1);
		List<Integer> tokens = new ArrayList<>(1);
		for (MethodParameter parameter : new AnnotatedMethod(method).getMethodParameters()) {
			Class<?> type = parameter.getParameterType();
			if (parameter.hasParameterAnnotation(FencingToken.class)) {
				checkToken(type, parameter.getParameterIndex());
				tokens.add(parameter.getParameterIndex());
			}
			else if (type == LockHandle.class) {
				handles.add(parameter.getParameterIndex());
			}
		}
		return new HandedIn(List.copyOf(handles), List.copyOf(tokens));
	}

	private static void checkToken(Class<?> type, int index) {
		if (type != long.class && type != Long.class) {
			throw new LockMistake(
					"its parameter " + index + " is marked @FencingToken, but is of type " + type.getSimpleName(),
					(type == LockHandle.class) ? "Leave out the mark: a LockHandle is filled without it"
							: "Make it a long or a Long");
		}
	}

	/** Whether a parameter is marked on this very method. */
	static boolean marks(Method method) {
		if (method.getParameterCount() == 0) {
			return false;
		}
		for (Annotation[] marks : method.getParameterAnnotations()) {
			for (Annotation mark : marks) {
				if (mark.annotationType() == FencingToken.class) {
					return true;
				}
			}
		}
		return false;
	}

	boolean contains(int index) {
		return this.handles.contains(index) || this.tokens.contains(index);
	}

	void fill(@Nullable Object[] arguments, LockHandle lock) {
		this.handles.forEach((index) -> arguments[index] = lock);
		this.tokens.forEach((index) -> arguments[index] = lock.fencingToken());
	}

}
