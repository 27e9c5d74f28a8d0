package io.github.etcdlock.autoconfigure;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.LeaderOnly;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.recipe.QueueListener;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.beans.factory.aot.BeanRegistrationAotContribution;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.support.RegisteredBean;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * What a native image must know of beans with our annotations: their methods are called
 * by reflection, keys look into arguments, and queues carry values.
 */
final class AnnotatedBeansAotProcessor implements BeanRegistrationAotProcessor {

	private static final List<Class<? extends Annotation>> MARKS = List.of(DistributedLock.class, LeaderOnly.class,
			QueueListener.class);

	@Override
	public @Nullable BeanRegistrationAotContribution processAheadOfTime(RegisteredBean registeredBean) {
		Class<?> type = ClassUtils.getUserClass(registeredBean.getBeanClass());
		if (MARKS.stream().noneMatch((mark) -> AnnotationUtils.isCandidateClass(type, mark))) {
			return null;
		}
		Set<Method> marked = new LinkedHashSet<>();
		boolean whole = isMarked(MergedAnnotations.from(type, SearchStrategy.TYPE_HIERARCHY));
		Set<Class<?>> types = new LinkedHashSet<>(ClassUtils.getAllInterfacesForClassAsSet(type));
		types.add(type);
		types.forEach((each) -> ReflectionUtils.doWithMethods(each, marked::add,
				(method) -> !ReflectionUtils.isObjectMethod(method)
						&& (whole || isMarked(MergedAnnotations.from(method, SearchStrategy.TYPE_HIERARCHY)))));
		return marked.isEmpty() ? null : (context, code) -> register(type, marked, context.getRuntimeHints());
	}

	private static boolean isMarked(MergedAnnotations annotations) {
		return MARKS.stream().anyMatch(annotations::isPresent);
	}

	/** All methods of the class, for a fallback is one of them. */
	private static void register(Class<?> type, Set<Method> marked, RuntimeHints hints) {
		hints.reflection().registerType(type, MemberCategory.INVOKE_DECLARED_METHODS);
		BindingReflectionHintsRegistrar values = new BindingReflectionHintsRegistrar();
		for (Method method : marked) {
			hints.reflection().registerType(method.getDeclaringClass(), MemberCategory.INVOKE_DECLARED_METHODS);
			for (Type parameter : method.getGenericParameterTypes()) {
				if (parameter != LockHandle.class) {
					values.registerReflectionHints(hints.reflection(), parameter);
				}
			}
		}
	}

}
