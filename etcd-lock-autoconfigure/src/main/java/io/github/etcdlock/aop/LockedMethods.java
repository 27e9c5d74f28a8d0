package io.github.etcdlock.aop;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.github.etcdlock.DistributedLock;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.framework.autoproxy.ProxyCreationContext;
import org.springframework.aop.support.AopUtils;
import org.springframework.core.MethodClassKey;
import org.springframework.core.annotation.AnnotationConfigurationException;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * The locked methods of every class it was asked about. A class is read as a whole at the
 * first question, so that a mistake in any of its methods shows when its first bean is
 * made, and not at some later call.
 */
final class LockedMethods {

	private final Map<Class<?>, Map<Method, LockedMethod>> classes = new ConcurrentHashMap<>();

	private final Map<MethodClassKey, LockedMethod> called = new ConcurrentHashMap<>();

	private final LockedMethodParser parser;

	private final MethodRules rules;

	LockedMethods(LockedMethodParser parser, MethodRules rules) {
		this.parser = parser;
		this.rules = rules;
	}

	Collection<LockedMethod> of(Class<?> targetClass) {
		return methods(targetClass).values();
	}

	/**
	 * The record of a method as it is called, which may be an interface's or a bridge.
	 */
	@Nullable LockedMethod find(Method method, Class<?> targetClass) {
		MethodClassKey key = new MethodClassKey(method, targetClass);
		LockedMethod known = this.called.get(key);
		if (known != null) {
			return known;
		}
		LockedMethod found = methods(targetClass).get(specific(method, targetClass));
		if (found != null) {
			this.called.put(key, found);
		}
		return found;
	}

	private Map<Method, LockedMethod> methods(Class<?> targetClass) {
		Map<Method, LockedMethod> known = this.classes.get(targetClass);
		if (known == null) {
			known = LockMarks.isMarked(targetClass) ? read(targetClass) : Map.of();
			this.classes.put(targetClass, known);
		}
		return known;
	}

	private Map<Method, LockedMethod> read(Class<?> targetClass) {
		Map<Method, LockedMethod> found = new LinkedHashMap<>();
		for (Class<?> type : LockMarks.typesOf(targetClass)) {
			ReflectionUtils.doWithMethods(type, (method) -> addAnnotated(found, method, targetClass),
					ReflectionUtils.USER_DECLARED_METHODS);
		}
		annotationsOn(ClassUtils.getUserClass(targetClass)).forEach((lock) -> addAllOf(found, lock, targetClass));
		for (Class<?> type : LockMarks.typesOf(targetClass)) {
			ReflectionUtils.doWithMethods(type, (method) -> checkTokenIsFilled(found, method, targetClass),
					(method) -> !method.isSynthetic() && HandedIn.marks(method));
		}
		return found.isEmpty() ? Map.of() : Map.copyOf(found);
	}

	/**
	 * The method that runs; that of a JDK proxy says nothing of its own, so its
	 * interface's stands for it.
	 */
	private static Method specific(Method method, Class<?> targetClass) {
		return Proxy.isProxyClass(targetClass) ? method : AopUtils.getMostSpecificMethod(method, targetClass);
	}

	private void addAnnotated(Map<Method, LockedMethod> found, Method method, Class<?> targetClass) {
		Method specific = specific(method, targetClass);
		if (found.containsKey(specific)) {
			return;
		}
		MergedAnnotation<DistributedLock> annotation = annotationOn(specific, targetClass);
		if (!annotation.isPresent() && !specific.equals(method)) {
			annotation = annotationOn(method, targetClass);
		}
		if (annotation.isPresent()) {
			Method annotated = (annotation.getSource() instanceof Method source) ? source : null;
			found.put(specific, parse(annotation, specific, annotated, targetClass));
		}
	}

	private static void checkTokenIsFilled(Map<Method, LockedMethod> found, Method method, Class<?> targetClass) {
		if (!found.containsKey(specific(method, targetClass))) {
			throw new LockDefinitionException(DistributedLock.class, where(method, targetClass) + beanName(),
					new LockMistake(
							"a parameter is marked @FencingToken, but the method is not locked, "
									+ "so nothing would fill it",
							"Mark the method too, or pass the token on without the mark"));
		}
	}

	private static MergedAnnotation<DistributedLock> annotationOn(Method method, Class<?> targetClass) {
		try {
			return MergedAnnotations.from(method, SearchStrategy.TYPE_HIERARCHY).get(DistributedLock.class);
		}
		catch (AnnotationConfigurationException ex) {
			throw contradiction(where(method, targetClass), ex);
		}
	}

	private static List<MergedAnnotation<DistributedLock>> annotationsOn(Class<?> type) {
		try {
			return MergedAnnotations.from(type, SearchStrategy.TYPE_HIERARCHY).stream(DistributedLock.class).toList();
		}
		catch (AnnotationConfigurationException ex) {
			throw contradiction(type.getName(), ex);
		}
	}

	/**
	 * An annotated class locks all its public methods, an annotated interface those it
	 * declares.
	 */
	private void addAllOf(Map<Method, LockedMethod> found, MergedAnnotation<DistributedLock> annotation,
			Class<?> targetClass) {
		Class<?> source = (Class<?>) annotation.getSource();
		Class<?> type = (source != null && source.isInterface()) ? source : ClassUtils.getUserClass(targetClass);
		ReflectionUtils.doWithMethods(type, (method) -> {
			Method specific = specific(method, targetClass);
			if (!found.containsKey(specific) && ProxyRules.coveredByType(specific)) {
				found.put(specific, parse(annotation, specific, method, targetClass));
			}
		}, ReflectionUtils.USER_DECLARED_METHODS);
	}

	private LockedMethod parse(MergedAnnotation<DistributedLock> annotation, Method method, @Nullable Method annotated,
			Class<?> targetClass) {
		String where = where(method, targetClass);
		try {
			this.rules.check(method, targetClass);
			return this.parser.parse(annotation.synthesize(), method, annotated, targetClass, where);
		}
		catch (LockMistake ex) {
			throw new LockDefinitionException(DistributedLock.class, where + beanName(), ex);
		}
	}

	private static LockDefinitionException contradiction(String where, AnnotationConfigurationException ex) {
		return new LockDefinitionException(DistributedLock.class, where + beanName(), new LockMistake(
				"its attributes contradict each other: " + ex.getMessage(), "Set key or value, not both", ex));
	}

	private static String where(Method method, Class<?> targetClass) {
		Class<?> type = Proxy.isProxyClass(targetClass) ? method.getDeclaringClass()
				: ClassUtils.getUserClass(targetClass);
		StringBuilder where = new StringBuilder(type.getName()).append('.').append(method.getName()).append('(');
		String separator = "";
		for (Class<?> parameter : method.getParameterTypes()) {
			where.append(separator).append(parameter.getSimpleName());
			separator = ", ";
		}
		return where.append(')').toString();
	}

	static String beanName() {
		String name = ProxyCreationContext.getCurrentProxiedBeanName();
		return (name != null) ? " (bean '" + name + "')" : "";
	}

}
