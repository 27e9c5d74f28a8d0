package io.github.etcdlock.aop;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.core.convert.TypeDescriptor;
import org.springframework.expression.AccessException;
import org.springframework.expression.EvaluationContext;
import org.springframework.expression.MethodExecutor;
import org.springframework.expression.spel.support.ReflectiveMethodResolver;

/**
 * Calls methods that answer something, on instances: no static ones, none that return
 * nothing (they could only change something), and none of classes, methods and class
 * loaders, which would open every door.
 */
final class ReadOnlyMethods extends ReflectiveMethodResolver {

	@Override
	public @Nullable MethodExecutor resolve(EvaluationContext context, Object target, String name,
			List<TypeDescriptor> argumentTypes) throws AccessException {
		if (target instanceof AnnotatedElement || target instanceof ClassLoader) {
			return null;
		}
		return super.resolve(context, target, name, argumentTypes);
	}

	@Override
	protected boolean isCandidateForInvocation(Method method, Class<?> targetClass) {
		return !Modifier.isStatic(method.getModifiers()) && method.getReturnType() != void.class
				&& method.getDeclaringClass() != Object.class;
	}

}
