package io.github.etcdlock.docs;

import java.net.URI;
import java.util.Map;
import java.util.Optional;

import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.InstanceChooser;
import io.github.etcdlock.recipe.ServiceDiscovery;
import io.github.etcdlock.recipe.ServiceInstance;
import io.github.etcdlock.recipe.ServiceRegistration;

/** The services of {@code recipes.md}. */
class Carriers {

	private final EtcdRecipes recipes;

	private final ServiceDiscovery carriers;

	Carriers(EtcdRecipes recipes) {
		this.recipes = recipes;
		this.carriers = recipes.discovery("carriers");
	}

	ServiceRegistration register(String host, int port) {
		ServiceInstance instance = ServiceInstance.of("carriers", host, port).withMetadata(Map.of("zone", "west"));
		return this.recipes.registry().register(instance);
	}

	Optional<URI> next() {
		return this.carriers.choose().map(ServiceInstance::uri);
	}

	Optional<URI> of(String customer) {
		return this.carriers.choose(InstanceChooser.sticky(customer)).map(ServiceInstance::uri);
	}

}
