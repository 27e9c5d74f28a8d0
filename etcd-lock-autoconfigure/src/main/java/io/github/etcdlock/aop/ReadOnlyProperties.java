package io.github.etcdlock.aop;

import java.lang.reflect.Method;

import org.jspecify.annotations.Nullable;
import org.springframework.expression.AccessException;
import org.springframework.expression.EvaluationContext;
import org.springframework.expression.spel.support.ReflectivePropertyAccessor;

/** Reads properties of instances; never those of classes, and writes none. */
final class ReadOnlyProperties extends ReflectivePropertyAccessor {

	ReadOnlyProperties() {
		super(false);
	}

	@Override
	public boolean canRead(EvaluationContext context, @Nullable Object target, String name) throws AccessException {
		return !(target instanceof Class) && super.canRead(context, target, name);
	}

	@Override
	protected boolean isCandidateForProperty(Method method, Class<?> targetClass) {
		return method.getDeclaringClass() != Object.class && !ClassLoader.class.isAssignableFrom(targetClass);
	}

}
