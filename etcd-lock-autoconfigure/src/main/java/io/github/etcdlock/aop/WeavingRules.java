package io.github.etcdlock.aop;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;

import org.springframework.core.KotlinDetector;

/**
 * Which methods the weaver has put under their locks. It sees the annotation of the
 * method that runs and of its class, and one level into annotations composed with it;
 * Spring sees more, and what only Spring sees must not go unnoticed.
 */
final class WeavingRules implements MethodRules {

	/** How AspectJ names the body of a method that an advice is around of. */
	private static final String BODY = "_aroundBody";

	private final Class<? extends Annotation> mark;

	WeavingRules(Class<? extends Annotation> mark) {
		this.mark = mark;
	}

	@Override
	public void check(Method method, Class<?> targetClass) {
		if (Modifier.isStatic(method.getModifiers())) {
			throw new LockMistake("the method is static, and only methods of instances are locked",
					"Make it an instance method");
		}
		if (KotlinDetector.isSuspendingFunction(method)) {
			throw new LockMistake("it is a suspending function, and the weaver cannot see when it has ended",
					"Set etcd-lock.aop.mode=proxy");
		}
		if (!isSeen(method)) {
			throw new LockMistake(
					"the weaver does not see the annotation, which is neither on the method that runs ("
							+ method.getDeclaringClass().getName() + "." + method.getName()
							+ ") nor on its class, nor one level inside an annotation there",
					"Put it there, or set etcd-lock.aop.mode=proxy");
		}
		if (!isWoven(method)) {
			throw new LockMistake("the weaver has not woven " + method.getDeclaringClass().getName(),
					"If an aop.xml of yours has <include> or <exclude>, let it include this class; and nothing may load "
							+ "the class before the weaver is there");
		}
	}

	private boolean isSeen(Method method) {
		return isMarked(method) || ProxyRules.coveredByType(method) && isMarked(method.getDeclaringClass());
	}

	private boolean isMarked(AnnotatedElement element) {
		return Arrays.stream(element.getAnnotations())
			.map(Annotation::annotationType)
			.anyMatch((type) -> type == this.mark || type.isAnnotationPresent(this.mark));
	}

	private static boolean isWoven(Method method) {
		return Arrays.stream(method.getDeclaringClass().getDeclaredMethods())
			.anyMatch((body) -> body.getName().startsWith(method.getName() + BODY)
					&& Modifier.isStatic(body.getModifiers()));
	}

}
