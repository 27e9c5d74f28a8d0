package io.github.etcdlock.autoconfigure;

import io.github.etcdlock.recipe.EtcdRecipes;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * {@link org.springframework.boot.autoconfigure.EnableAutoConfiguration
 * Auto-configuration} that registers this application as an instance of a service.
 */
@AutoConfiguration(after = EtcdRecipesAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "etcd-lock.registry.enabled")
@ConditionalOnBean(EtcdRecipes.class)
@EnableConfigurationProperties(EtcdRegistryProperties.class)
public final class EtcdRegistryAutoConfiguration {

	@Bean
	RegisteredService etcdRegisteredService(EtcdRecipes recipes, EtcdRegistryProperties properties,
			Environment environment, ObjectProvider<ServicePort> server) {
		String application = environment.getProperty("spring.application.name", "application");
		return new RegisteredService(recipes.registry(), properties, application, server.getIfAvailable());
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(WebServerInitializedEvent.class)
	static class WebConfiguration {

		@Bean
		WebServerPort etcdWebServerPort(ObjectProvider<ServerProperties> properties) {
			ServerProperties server = properties.getIfAvailable();
			return new WebServerPort(server != null && Ssl.isEnabled(server.getSsl()));
		}

	}

}
