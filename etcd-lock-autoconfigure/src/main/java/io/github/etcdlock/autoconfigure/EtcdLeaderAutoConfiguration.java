package io.github.etcdlock.autoconfigure;

import java.util.function.UnaryOperator;

import io.github.etcdlock.aop.LeaderOnlyAdvisor;
import io.github.etcdlock.aop.LeaderOnlyMethods;
import io.github.etcdlock.aop.Leaderships;
import io.github.etcdlock.recipe.EtcdRecipes;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;

/**
 * {@link org.springframework.boot.autoconfigure.EnableAutoConfiguration
 * Auto-configuration} for {@link io.github.etcdlock.LeaderOnly @LeaderOnly}.
 */
@AutoConfiguration(after = { EtcdLockAopAutoConfiguration.class, EtcdRecipesAutoConfiguration.class })
@ConditionalOnBooleanProperty(name = "etcd-lock.aop.enabled", matchIfMissing = true)
public final class EtcdLeaderAutoConfiguration {

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static LeaderOnlyMethods leaderOnlyMethods(Environment environment, ObjectProvider<Leaderships> leaderships) {
		UnaryOperator<String> texts = environment::resolveRequiredPlaceholders;
		return LockAdvice.isWoven(environment) ? LeaderOnlyMethods.woven(texts, leaderships::getObject)
				: LeaderOnlyMethods.proxied(LockAdvice.classProxies(environment), texts, leaderships::getObject);
	}

	/** Further out than locks: who does not lead takes none. */
	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	@Conditional(LockAdvice.Proxied.class)
	static LeaderOnlyAdvisor leaderOnlyAdvisor(Environment environment, LeaderOnlyMethods methods) {
		return new LeaderOnlyAdvisor(methods, LockAdvice.properties(environment).order() - 1);
	}

	@Bean
	LeaderCandidates leaderCandidates(ObjectProvider<EtcdRecipes> recipes, LeaderOnlyMethods methods,
			ApplicationEventPublisher publisher, Environment environment,
			ObjectProvider<EtcdLockProperties> properties) {
		return new LeaderCandidates(recipes::getIfAvailable, methods, publisher,
				environment.getProperty("spring.application.name", "application"),
				() -> properties.getObject().shutdownTimeout());
	}

}
