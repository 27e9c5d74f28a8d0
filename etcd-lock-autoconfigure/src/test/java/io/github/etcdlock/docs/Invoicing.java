package io.github.etcdlock.docs;

import io.github.etcdlock.recipe.DistributedQueue;
import io.github.etcdlock.recipe.EtcdRecipes;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class Invoicing {

	@Bean
	@ConditionalOnBooleanProperty(name = "etcd-lock.enabled", matchIfMissing = true)
	DistributedQueue<String> invoices(EtcdRecipes etcd) {
		return etcd.queue("invoices", String.class);
	}

}
