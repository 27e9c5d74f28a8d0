package io.github.etcdlock.sample;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.ServiceDiscovery;
import io.github.etcdlock.recipe.ServiceInstance;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * The instances of the shop that are running, as the service registry has them: each
 * registers itself ({@code etcd-lock.registry.*} in application.yml).
 */
@Component
class Instances {

	/** One of them. */
	record Instance(String name, String url, long pid) {

		private static final long FAREWELL_SECONDS = 2;

		static Instance of(ServiceInstance registered) {
			return new Instance(registered.id(), registered.uri().toString(),
					number(registered.metadata().getOrDefault("pid", "")));
		}

		/** None where it is no number: another application may call itself a shop. */
		private static long number(String text) {
			return text.matches("\\d{1,18}") ? Long.parseLong(text) : 0;
		}

		boolean isAlive() {
			return ProcessHandle.of(this.pid).map(ProcessHandle::isAlive).orElse(false);
		}

		/** Whether its process is gone, or goes just now. */
		boolean hasEnded() {
			return this.pid != ProcessHandle.current().pid() && ProcessHandle.of(this.pid)
				.map((process) -> process.onExit()
					.thenApply((ended) -> true)
					.completeOnTimeout(false, FAREWELL_SECONDS, TimeUnit.SECONDS)
					.join())
				.orElse(true);
		}

	}

	private final ServiceDiscovery shops;

	Instances(EtcdRecipes etcd, @Value("${spring.application.name}") String service) {
		this.shops = etcd.discovery(service);
	}

	/**
	 * A killed instance is registered until its TTL is over. All of them run on this
	 * machine, so we can do better than to wait for that.
	 */
	List<Instance> all() {
		return this.shops.instances()
			.stream()
			.map(Instance::of)
			.filter(Instance::isAlive)
			.sorted(Comparator.comparingLong(Instance::pid).thenComparing(Instance::name))
			.toList();
	}

	Optional<Instance> find(String name) {
		return all().stream().filter((instance) -> instance.name().equals(name)).findFirst();
	}

}
