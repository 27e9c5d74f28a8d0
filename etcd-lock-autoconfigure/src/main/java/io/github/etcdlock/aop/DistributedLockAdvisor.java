package io.github.etcdlock.aop;

import java.lang.reflect.Method;
import java.util.function.Supplier;

import io.github.etcdlock.LockTemplate;
import org.aopalliance.aop.Advice;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.ClassFilter;
import org.springframework.aop.MethodMatcher;
import org.springframework.aop.Pointcut;
import org.springframework.aop.PointcutAdvisor;
import org.springframework.aop.support.StaticMethodMatcher;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.core.Ordered;
import org.springframework.core.env.PropertyResolver;
import org.springframework.util.function.SingletonSupplier;

/**
 * Puts the aspect around every bean that has a method marked with
 * {@link io.github.etcdlock.DistributedLock}. A mark that cannot work is a
 * {@link LockDefinitionException} when such a bean is made.
 */
public final class DistributedLockAdvisor implements PointcutAdvisor, Pointcut, Ordered {

	private final LockedMethods methods;

	private final Advice advice;

	private final int order;

	private final MethodMatcher matcher = new StaticMethodMatcher() {

		@Override
		public boolean matches(Method method, Class<?> targetClass) {
			return DistributedLockAdvisor.this.methods.find(method, targetClass) != null;
		}

	};

	/**
	 * Creates the advisor.
	 * @param properties where <code>${...}</code> is looked up
	 * @param beans where <code>@name</code> is looked up in expressions, or null to
	 * refuse it
	 * @param classProxies whether proxies extend the beans' classes, as Spring Boot's do
	 * by default
	 * @param template asked once, at the first call of a locked method
	 * @param order the place among other advisors; a smaller one is further out
	 */
	public DistributedLockAdvisor(PropertyResolver properties, @Nullable BeanFactory beans, boolean classProxies,
			Supplier<LockTemplate> template, int order) {
		LockedMethodParser parser = new LockedMethodParser(new ExpressionParser(properties, beans));
		this.methods = new LockedMethods(parser, new ProxyRules(classProxies));
		this.advice = new DistributedLockAspect(this.methods, SingletonSupplier.of(template));
		this.order = order;
	}

	@Override
	public Pointcut getPointcut() {
		return this;
	}

	@Override
	public ClassFilter getClassFilter() {
		return this::locks;
	}

	@Override
	public MethodMatcher getMethodMatcher() {
		return this.matcher;
	}

	@Override
	public Advice getAdvice() {
		return this.advice;
	}

	@Override
	public int getOrder() {
		return this.order;
	}

	boolean locks(Class<?> targetClass) {
		return !this.methods.of(targetClass).isEmpty();
	}

}
