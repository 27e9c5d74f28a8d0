package io.github.etcdlock.autoconfigure;

import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.aop.DistributedLockAdvisor;
import io.github.etcdlock.aop.LeaderOnlyMethods;
import io.github.etcdlock.aop.UnlockedBeans;
import io.github.etcdlock.aop.WeavingContext;
import io.github.etcdlock.aop.WovenBeans;
import org.springframework.aop.config.AopConfigUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
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
public final class EtcdLockAopAutoConfiguration {

	@Configuration(proxyBeanMethods = false)
	@Conditional(LockAdvice.Proxied.class)
	@Import(ProxyCreator.class)
	static class ProxyConfiguration {

		/**
		 * Needed while beans are still being post-processed, so it takes only what is
		 * there by then.
		 */
		@Bean
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		static DistributedLockAdvisor distributedLockAdvisor(Environment environment,
				ConfigurableListableBeanFactory beans, ObjectProvider<LockTemplate> template) {
			EtcdLockProperties.Aop aop = LockAdvice.properties(environment);
			return new DistributedLockAdvisor(environment, aop.beanReferences() ? beans : null,
					LockAdvice.classProxies(environment), template::getObject, aop.order());
		}

		@Bean
		static UnlockedBeans unlockedBeans(ObjectProvider<DistributedLockAdvisor> advisor) {
			return new UnlockedBeans(advisor::getObject);
		}

		@Bean
		static WeavingContext weavingContext(ApplicationContext context) {
			return WeavingContext.proxied(context.getId());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Conditional(LockAdvice.Woven.class)
	static class WeavingConfiguration {

		@Bean
		static WeavingContext weavingContext(ApplicationContext context, ObjectProvider<WovenBeans> beans) {
			return WeavingContext.woven(context.getId(), beans::getObject);
		}

		@Bean
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		static WovenBeans wovenBeans(Environment environment, ConfigurableListableBeanFactory beans,
				ObjectProvider<LockTemplate> template, ObjectProvider<LeaderOnlyMethods> leaders) {
			boolean beanReferences = LockAdvice.properties(environment).beanReferences();
			return new WovenBeans(environment, beans, beanReferences ? beans : null, template::getObject,
					leaders.getIfAvailable());
		}

	}

	static class ProxyCreator implements ImportBeanDefinitionRegistrar {

		private final Environment environment;

		ProxyCreator(Environment environment) {
			this.environment = environment;
		}

		@Override
		public void registerBeanDefinitions(AnnotationMetadata metadata, BeanDefinitionRegistry registry) {
			AopConfigUtils.registerAutoProxyCreatorIfNecessary(registry);
			if (LockAdvice.classProxies(this.environment)) {
				AopConfigUtils.forceAutoProxyCreatorToUseClassProxying(registry);
			}
		}

	}

}
