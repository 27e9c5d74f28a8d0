package io.github.etcdlock.aop;

import org.jspecify.annotations.Nullable;
import org.springframework.aop.Advisor;
import org.springframework.aop.TargetSource;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopInfrastructureBean;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Looks for beans that were made before they could get a proxy, so that their locks would
 * be silently missing, and stops the start-up if there is one.
 */
public final class UnlockedBeans implements SmartInitializingSingleton {

	private final ConfigurableListableBeanFactory beans;

	private final DistributedLockAdvisor advisor;

	/**
	 * Creates the check.
	 * @param beans the beans to look at
	 * @param advisor what they should be advised by
	 */
	public UnlockedBeans(ConfigurableListableBeanFactory beans, DistributedLockAdvisor advisor) {
		this.beans = beans;
		this.advisor = advisor;
	}

	@Override
	public void afterSingletonsInstantiated() {
		for (String name : this.beans.getBeanDefinitionNames()) {
			Object bean = this.beans.containsSingleton(name) ? this.beans.getSingleton(name) : null;
			if (bean != null && isUnlocked(bean) && !isTestDouble(name)) {
				throw new LockDefinitionException(bean.getClass().getName() + " (bean '" + name + "')", new LockMistake(
						"the bean was made before it could get a proxy, so nothing would lock its methods",
						"It is needed by a bean post processor: declare that one's @Bean method static, and let it "
								+ "look the bean up when it is used (ObjectProvider)"));
			}
		}
	}

	private boolean isUnlocked(Object bean) {
		Object target = bean;
		while (target instanceof Advised advised) {
			TargetSource source = advised.getTargetSource();
			if (advised instanceof AopInfrastructureBean || !source.isStatic() || hasOurs(advised)) {
				return false;
			}
			target = targetOf(source);
		}
		return target != null && this.advisor.locks(target.getClass());
	}

	private static @Nullable Object targetOf(TargetSource source) {
		try {
			return source.getTarget();
		}
		catch (Exception ex) {
			throw new IllegalStateException("A static target cannot be had: " + source, ex);
		}
	}

	private boolean hasOurs(Advised advised) {
		for (Advisor candidate : advised.getAdvisors()) {
			if (candidate.getAdvice() == this.advisor.getAdvice()) {
				return true;
			}
		}
		return false;
	}

	/** Spring's test support puts mocks in the place of beans, and never proxies them. */
	private boolean isTestDouble(String name) {
		return this.beans.getBeanDefinition(name).getClass().getName().startsWith("org.springframework.test.");
	}

}
