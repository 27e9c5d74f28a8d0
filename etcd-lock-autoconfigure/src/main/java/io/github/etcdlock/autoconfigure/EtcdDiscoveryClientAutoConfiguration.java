package io.github.etcdlock.autoconfigure;

import io.github.etcdlock.recipe.EtcdRecipes;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.cloud.client.ConditionalOnBlockingDiscoveryEnabled;
import org.springframework.cloud.client.ConditionalOnDiscoveryEnabled;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.context.annotation.Bean;

/**
 * {@link org.springframework.boot.autoconfigure.EnableAutoConfiguration
 * Auto-configuration} that shows Spring Cloud what is registered in etcd.
 */
@AutoConfiguration(after = EtcdRecipesAutoConfiguration.class,
		beforeName = { "org.springframework.cloud.client.CommonsClientAutoConfiguration",
				"org.springframework.cloud.client.discovery.composite.CompositeDiscoveryClientAutoConfiguration" })
@ConditionalOnClass(DiscoveryClient.class)
@ConditionalOnBean(EtcdRecipes.class)
@ConditionalOnDiscoveryEnabled
@ConditionalOnBlockingDiscoveryEnabled
public final class EtcdDiscoveryClientAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	EtcdDiscoveryClient etcdDiscoveryClient(EtcdRecipes recipes) {
		return new EtcdDiscoveryClient(recipes.registry());
	}

}
