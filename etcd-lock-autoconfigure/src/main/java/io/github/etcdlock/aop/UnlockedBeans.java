package io.github.etcdlock.aop;

import java.util.Set;
import java.util.function.Supplier;

import io.github.etcdlock.DistributedLock;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.Advisor;
import org.springframework.aop.TargetSource;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopInfrastructureBean;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Looks for beans that were made before they could get a proxy, so that their locks would
 * be silently missing, and stops the start-up if there is one.
 */
public final class UnlockedBeans implements BeanFactoryPostProcessor, SmartInitializingSingleton {

	private final Supplier<DistributedLockAdvisor> advisors;

	private @Nullable ConfigurableListableBeanFactory beans;

	private Set<String> givenFromOutside = Set.of();

	/**
	 * Creates the check.
	 * @param advisor what beans should be advised by, asked for when all of them are made
	 */
	public UnlockedBeans(Supplier<DistributedLockAdvisor> advisor) {
		this.advisors = advisor;
	}

	/**
	 * Notes what is there before any bean is made: given as it is, such as the mocks of a
	 * test.
	 */
	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		this.beans = beanFactory;
		this.givenFromOutside = Set.of(beanFactory.getSingletonNames());
	}

	@Override
	public void afterSingletonsInstantiated() {
		if (this.beans == null) {
			return;
		}
		DistributedLockAdvisor advisor = this.advisors.get();
		for (String name : this.beans.getBeanDefinitionNames()) {
			boolean made = this.beans.containsSingleton(name) && !this.givenFromOutside.contains(name);
			Object bean = made ? this.beans.getSingleton(name) : null;
			if (bean != null && isUnlocked(bean, advisor)) {
				throw new LockDefinitionException(DistributedLock.class, bean.getClass()
					.getName() + " (bean '" + name + "')", new LockMistake(
							"the bean was made before it could get a proxy, so nothing would lock its methods",
							"It is needed by a bean post processor: declare that one's @Bean method static, and let it "
									+ "look the bean up when it is used (ObjectProvider)"));
			}
		}
	}

	private static boolean isUnlocked(Object bean, DistributedLockAdvisor advisor) {
		Object target = bean;
		while (target instanceof Advised advised) {
			TargetSource source = advised.getTargetSource();
			if (advised instanceof AopInfrastructureBean || !source.isStatic() || has(advised, advisor)) {
				return false;
			}
			target = targetOf(source);
		}
		return target != null && advisor.locks(target.getClass());
	}

	private static @Nullable Object targetOf(TargetSource source) {
		try {
			return source.getTarget();
		}
		catch (Exception ex) {
			throw new IllegalStateException("A static target cannot be had: " + source, ex);
		}
	}

	private static boolean has(Advised advised, DistributedLockAdvisor advisor) {
		for (Advisor candidate : advised.getAdvisors()) {
			if (candidate.getAdvice() == advisor.getAdvice()) {
				return true;
			}
		}
		return false;
	}

}
