package io.github.etcdlock.autoconfigure;

import io.github.etcdlock.etcd.LeaseManager;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.ValueFormat;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * {@link org.springframework.boot.autoconfigure.EnableAutoConfiguration
 * Auto-configuration} for the recipes, which need an etcd. Without one the methods that
 * listen to queues are checked all the same, and not called.
 */
@AutoConfiguration(after = EtcdLockAutoConfiguration.class,
		afterName = "org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration")
public final class EtcdRecipesAutoConfiguration {

	@Bean
	@ConditionalOnBean(LeaseManager.class)
	@ConditionalOnMissingBean
	EtcdRecipes etcdRecipes(LeaseManager leaseManager, ObjectProvider<ValueFormat> format) {
		return leaseManager.recipes(format.getIfAvailable(ValueFormat::textOnly));
	}

	@Bean
	static QueueListeners etcdQueueListeners(Environment environment, ObjectProvider<EtcdRecipes> recipes,
			ObjectProvider<EtcdLockProperties> properties) {
		return new QueueListeners(environment, recipes::getIfAvailable, () -> properties.getObject().shutdownTimeout());
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBean(LeaseManager.class)
	@ConditionalOnClass(JsonMapper.class)
	@ConditionalOnMissingBean(ValueFormat.class)
	static class JacksonConfiguration {

		@Bean
		JsonValueFormat etcdValueFormat(ObjectProvider<JsonMapper> mapper) {
			return new JsonValueFormat(mapper.getIfUnique(JsonMapper::shared));
		}

	}

}
