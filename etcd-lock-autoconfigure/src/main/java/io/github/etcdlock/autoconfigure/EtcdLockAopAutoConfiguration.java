package io.github.etcdlock.autoconfigure;

import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.aop.DistributedLockAdvisor;
import io.github.etcdlock.aop.UnlockedBeans;
import org.springframework.aop.config.AopConfigUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;

/**
 * {@link org.springframework.boot.autoconfigure.EnableAutoConfiguration
 * Auto-configuration} for methods marked with
 * {@link io.github.etcdlock.DistributedLock @DistributedLock}. It does not depend on
 * {@code spring.aop.auto}: switching that off must not switch off locks.
 */
@AutoConfiguration(after = AopAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "etcd-lock.aop.enabled", matchIfMissing = true)
@Import(EtcdLockAopAutoConfiguration.ProxyCreator.class)
public final class EtcdLockAopAutoConfiguration {

	/**
	 * Needed while beans are still being post-processed, so it takes only what is there
	 * by then.
	 */
	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static DistributedLockAdvisor distributedLockAdvisor(Environment environment, ConfigurableListableBeanFactory beans,
			ObjectProvider<LockTemplate> template) {
		EtcdLockProperties.Aop aop = Binder.get(environment)
			.bindOrCreate("etcd-lock.aop", EtcdLockProperties.Aop.class);
		return new DistributedLockAdvisor(environment, aop.beanReferences() ? beans : null, classProxies(environment),
				template::getObject, aop.order());
	}

	@Bean
	static UnlockedBeans unlockedBeans(ObjectProvider<DistributedLockAdvisor> advisor) {
		return new UnlockedBeans(advisor::getObject);
	}

	private static boolean classProxies(Environment environment) {
		return environment.getProperty("spring.aop.proxy-target-class", Boolean.class, true);
	}

	static class ProxyCreator implements ImportBeanDefinitionRegistrar {

		private final Environment environment;

		ProxyCreator(Environment environment) {
			this.environment = environment;
		}

		@Override
		public void registerBeanDefinitions(AnnotationMetadata metadata, BeanDefinitionRegistry registry) {
			AopConfigUtils.registerAutoProxyCreatorIfNecessary(registry);
			if (classProxies(this.environment)) {
				AopConfigUtils.forceAutoProxyCreatorToUseClassProxying(registry);
			}
		}

	}

}
