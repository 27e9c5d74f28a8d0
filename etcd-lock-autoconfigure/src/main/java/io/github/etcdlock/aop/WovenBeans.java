package io.github.etcdlock.aop;

import java.lang.reflect.Method;
import java.util.function.Supplier;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.LockTemplate;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.env.PropertyResolver;
import org.springframework.util.function.SingletonSupplier;

/**
 * Locks the woven methods of one application context. A mark that cannot work, or that
 * the weaver has not seen, is a {@link LockDefinitionException} when such a bean is made.
 */
public final class WovenBeans implements WovenAdvice, BeanPostProcessor, SmartInitializingSingleton {

	private final LockedMethods methods;

	private final DistributedLockAspect locks;

	private final @Nullable LeaderOnlyMethods leaders;

	private final ConfigurableListableBeanFactory beans;

	/**
	 * Creates the locks.
	 * @param properties where <code>${...}</code> is looked up
	 * @param beans the beans to check
	 * @param beanReferences where <code>@name</code> is looked up in expressions, or null
	 * to refuse it
	 * @param template asked once, at the first call of a locked method
	 * @param leaders the methods that only the leader runs, or null for none
	 */
	public WovenBeans(PropertyResolver properties, ConfigurableListableBeanFactory beans,
			@Nullable BeanFactory beanReferences, Supplier<LockTemplate> template,
			@Nullable LeaderOnlyMethods leaders) {
		LockedMethodParser parser = new LockedMethodParser(new ExpressionParser(properties, beanReferences));
		this.methods = new LockedMethods(parser, new WeavingRules(DistributedLock.class));
		this.locks = new DistributedLockAspect(this.methods, SingletonSupplier.of(template));
		this.leaders = leaders;
		this.beans = beans;
	}

	@Override
	public @Nullable Object around(@Nullable Object target, Method method, @Nullable Object[] arguments, Proceed rest)
			throws Throwable {
		if (target == null) {
			throw new IllegalStateException(method.getDeclaringClass().getName() + "." + method.getName()
					+ " is marked to be locked, but it is static, and only methods of instances are locked");
		}
		Proceed locked = () -> this.locks.around(target, method, arguments, rest);
		return (this.leaders != null) ? this.leaders.around(target, method, locked) : locked.proceed();
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		check(bean);
		return bean;
	}

	/** Those that other post processors need were made before this one was there. */
	@Override
	public void afterSingletonsInstantiated() {
		for (String name : this.beans.getBeanDefinitionNames()) {
			Object bean = this.beans.containsSingleton(name) ? this.beans.getSingleton(name) : null;
			if (bean != null) {
				check(bean);
			}
		}
	}

	private void check(Object bean) {
		Class<?> type = AopProxyUtils.ultimateTargetClass(bean);
		this.methods.of(type);
		if (this.leaders != null) {
			this.leaders.read(type);
		}
	}

}
