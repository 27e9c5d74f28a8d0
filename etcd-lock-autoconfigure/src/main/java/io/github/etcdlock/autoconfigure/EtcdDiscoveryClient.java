package io.github.etcdlock.autoconfigure;

import java.util.List;

import io.github.etcdlock.recipe.ServiceRegistry;
import org.springframework.cloud.client.DefaultServiceInstance;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.DiscoveryClient;

/** What is registered in etcd, for Spring Cloud. */
final class EtcdDiscoveryClient implements DiscoveryClient {

	private final ServiceRegistry registry;

	EtcdDiscoveryClient(ServiceRegistry registry) {
		this.registry = registry;
	}

	@Override
	public String description() {
		return "etcd-lock service discovery";
	}

	@Override
	public List<ServiceInstance> getInstances(String service) {
		return this.registry.services()
			.getOrDefault(service, List.of())
			.stream()
			.<ServiceInstance>map((instance) -> new DefaultServiceInstance(instance.id(), instance.service(),
					instance.host(), instance.port(), instance.secure(), instance.metadata()))
			.toList();
	}

	@Override
	public List<String> getServices() {
		return List.copyOf(this.registry.services().keySet());
	}

}
