package io.github.etcdlock.aop;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

import io.github.etcdlock.DistributedLock;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/** Where annotations of a class can be, and whether there are any. */
final class LockMarks {

	private LockMarks() {
	}

	/**
	 * A first look, since most classes are the JDK's or carry no annotation of this kind.
	 */
	static boolean canHave(Class<?> targetClass, Class<? extends Annotation> mark) {
		return AnnotationUtils.isCandidateClass(targetClass, mark);
	}

	/** A quick look, since most classes have nothing to do with locks or their tokens. */
	static boolean isMarked(Class<?> targetClass) {
		if (!canHave(targetClass, DistributedLock.class)) {
			return false;
		}
		if (MergedAnnotations.from(targetClass, SearchStrategy.TYPE_HIERARCHY).isPresent(DistributedLock.class)) {
			return true;
		}
		Set<Method> marked = new HashSet<>();
		for (Class<?> type : typesOf(targetClass)) {
			ReflectionUtils.doWithMethods(type, marked::add, (method) -> !method.isSynthetic()
					&& (MergedAnnotations.from(method).isPresent(DistributedLock.class) || HandedIn.marks(method)));
		}
		return !marked.isEmpty();
	}

	static Set<Class<?>> typesOf(Class<?> targetClass) {
		Set<Class<?>> types = new LinkedHashSet<>();
		if (!Proxy.isProxyClass(targetClass)) {
			types.add(ClassUtils.getUserClass(targetClass));
		}
		types.addAll(ClassUtils.getAllInterfacesForClassAsSet(targetClass));
		return types;
	}

}
