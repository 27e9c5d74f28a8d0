package io.github.etcdlock.docs;

import io.github.etcdlock.recipe.DistributedQueue;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.WorkQueue;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class Queues {

	@Bean
	WorkQueue<Order> orders(EtcdRecipes etcd) {
		return etcd.workQueue("orders", Order.class);
	}

	@Bean
	DistributedQueue<String> newsletters(EtcdRecipes etcd) {
		return etcd.queue("newsletters", String.class);
	}

}
