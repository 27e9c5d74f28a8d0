package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;

import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.InstanceChooser;
import io.github.etcdlock.recipe.ServiceDiscovery;
import io.github.etcdlock.recipe.ServiceInstance;
import io.github.etcdlock.recipe.ServiceRegistration;
import io.github.etcdlock.test.EtcdCluster;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/** What services that register, and those that look for them, may rely on. */
abstract class ServiceRegistryContract {

	@AutoClose
	private final Managers managers;

	private final EtcdCluster cluster;

	private final LeaseManager one;

	private final EtcdRecipes recipes;

	private final EtcdRecipes others;

	private final ServiceDiscovery orders;

	ServiceRegistryContract(EtcdCluster cluster) {
		this.cluster = cluster;
		this.managers = new Managers(cluster);
		this.one = this.managers.start();
		this.recipes = this.one.recipes(Managers.TEXT);
		this.others = this.managers.start().recipes(Managers.TEXT);
		this.orders = this.others.discovery("orders");
	}

	private ServiceRegistration register(int port) {
		return this.recipes.registry().register(ServiceInstance.of("orders", "host", port));
	}

	private void awaitInstances(Integer... ports) {
		await().untilAsserted(
				() -> assertThat(this.orders.instances()).extracting(ServiceInstance::port).containsExactly(ports));
	}

	@Test
	void instanceIsSeenWithEverythingThatIsKnownOfIt() {
		ServiceInstance odd = new ServiceInstance("a/b %", "id=1&2", "my_host", 8443, true,
				Map.of("zone", "eu west", "a=b", "c&d/é"));
		ServiceRegistration registration = this.recipes.registry().register(odd);
		assertThat(registration.isRegistered()).isTrue();
		assertThat(registration.instance()).isEqualTo(odd);
		assertThat(this.others.discovery("a/b %").instances()).containsExactly(odd);
		ServiceInstance v6 = ServiceInstance.of("a", "::1", 80).withMetadata(Map.of("empty", ""));
		this.recipes.registry().register(v6);
		assertThat(this.others.discovery("a").instances()).containsExactly(v6);
		assertThat(v6.uri()).hasToString("http://[::1]:80");
		assertThat(this.others.registry().services()).containsOnlyKeys("a", "a/b %").containsValue(List.of(odd));
		assertThat(this.cluster.contents().under(this.managers.prefix() + "/.services/a/").get(0).value())
			.isEqualTo("http://[::1]:80?empty=");
	}

	@Test
	void hostIsOneThatOthersCanReadAgain() {
		List<String> hosts = List.of("my_host", "10.0.0.7", "bücher.example", "fe80::1%eth0", "2001:db8::7");
		for (String host : hosts) {
			this.recipes.registry().register(ServiceInstance.of("hosts", host, 80));
		}
		assertThat(this.others.discovery("hosts").instances()).extracting(ServiceInstance::host)
			.containsExactlyInAnyOrderElementsOf(hosts);
		for (String host : List.of("my host", "http://10.0.0.7", "10.0.0.7:80", "a/b", "a?b", "a@b", "[::1",
				":::::::")) {
			assertThatIllegalArgumentException().isThrownBy(() -> ServiceInstance.of("hosts", host, 80))
				.withMessageContaining("without scheme, port or path");
		}
	}

	@Test
	void instancesComeAndGo() {
		List<Integer> sizes = new CopyOnWriteArrayList<>();
		this.orders.onChange((instances) -> sizes.add(instances.size()));
		assertThat(this.orders.instances()).isEmpty();
		assertThat(this.orders.choose()).isEmpty();
		ServiceRegistration first = register(1);
		register(2);
		awaitInstances(1, 2);
		first.close();
		first.close();
		assertThat(first.isRegistered()).isFalse();
		awaitInstances(2);
		await().until(() -> sizes.get(sizes.size() - 1) == 1);
		assertThat(this.others.discovery("orders")).isSameAs(this.orders);
	}

	@Test
	void closeTakesItOutBeforeItWaitsForAnything() throws Exception {
		register(1);
		awaitInstances(1);
		Thread closing = new Thread(this.one::close);
		List<Integer> seen = new CopyOnWriteArrayList<>();
		this.one.lockTemplate().executeWithoutResult("work", (lock) -> {
			closing.start();
			await().until(() -> this.orders.instances().isEmpty());
			seen.add(1);
		});
		assertThat(seen).hasSize(1);
		closing.join();
		assertThatIllegalStateException().isThrownBy(() -> register(2)).withMessageContaining("shutting down");
		this.managers.closeAndLeaveNothing();
	}

	@Test
	void revokedSessionBringsItBack() {
		ServiceRegistration registration = register(1);
		awaitInstances(1);
		try (Outsider outsider = new Outsider(this.cluster.endpoint())) {
			this.managers.leases().forEach(outsider::revoke);
			await().until(() -> !this.cluster.contents().under(this.managers.prefix() + "/.services/").isEmpty());
			await().until(registration::isRegistered);
			awaitInstances(1);
		}
	}

	@Test
	void sameIdTwiceIsOneInstanceTheNewestOne() {
		this.recipes.registry().register(new ServiceInstance("orders", "x", "old", 1, false, Map.of()));
		this.others.registry().register(new ServiceInstance("orders", "x", "new", 2, false, Map.of()));
		await().untilAsserted(
				() -> assertThat(this.orders.instances()).extracting(ServiceInstance::host).containsExactly("new"));
	}

	@Test
	void choosersAreFair() {
		IntStream.rangeClosed(1, 4).forEach(this::register);
		awaitInstances(1, 2, 3, 4);
		List<Integer> inTurn = new ArrayList<>();
		Set<Integer> random = new HashSet<>();
		Set<Integer> sticky = new HashSet<>();
		for (int i = 0; i < 200; i++) {
			inTurn.add(this.orders.choose().orElseThrow().port());
			random.add(this.orders.choose(InstanceChooser.random()).orElseThrow().port());
			sticky.add(this.orders.choose(InstanceChooser.sticky("user " + i)).orElseThrow().port());
		}
		assertThat(inTurn.subList(0, 8)).containsExactly(1, 2, 3, 4, 1, 2, 3, 4);
		assertThat(random).hasSize(4);
		assertThat(sticky).hasSize(4);
		assertThat(this.orders.choose((instances) -> instances.get(3)).orElseThrow().port()).isEqualTo(4);
	}

	@Test
	void stickyKeysStayWhereTheyAreWhenOthersLeave() {
		List<ServiceInstance> before = IntStream.rangeClosed(1, 5)
			.mapToObj((port) -> ServiceInstance.of("orders", "host", port))
			.toList();
		List<ServiceInstance> after = before.subList(0, 4);
		for (int i = 0; i < 100; i++) {
			ServiceInstance chosen = InstanceChooser.sticky("key " + i).choose(before);
			if (after.contains(chosen)) {
				assertThat(InstanceChooser.sticky("key " + i).choose(after)).isEqualTo(chosen);
			}
		}
	}

	@Test
	void roundRobinNeverChoosesWhoHasLeft() throws Exception {
		ServiceRegistration leaving = register(1);
		register(2);
		register(3);
		awaitInstances(1, 2, 3);
		List<Long> chosen = new CopyOnWriteArrayList<>();
		Thread client = new Thread(() -> {
			while (!Thread.currentThread().isInterrupted()) {
				long before = System.nanoTime();
				if (this.orders.choose().orElseThrow().port() == 1) {
					chosen.add(before);
				}
			}
		});
		client.start();
		await().until(() -> chosen.size() > 10);
		leaving.close();
		long left = System.nanoTime();
		await().pollDelay(Duration.ofMillis(500)).until(() -> true);
		client.interrupt();
		client.join();
		long grace = Duration.ofMillis(250).toNanos();
		assertThat(chosen).as("choices after the event has come").noneMatch((time) -> time - left > grace);
		assertThat(this.orders.instances()).extracting(ServiceInstance::port).containsExactly(2, 3);
	}

	@Test
	void whatIsNoInstanceIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> ServiceInstance.of(" ", "host", 1));
		assertThatIllegalArgumentException().isThrownBy(() -> ServiceInstance.of("a", "host", 70_000))
			.withMessageContaining("70000");
	}

}
