package io.github.etcdlock.etcd;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.TxnRequest;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.ServiceDiscovery;
import io.github.etcdlock.recipe.ServiceInstance;
import io.github.etcdlock.recipe.ServiceRegistration;
import io.github.etcdlock.test.ChildJvm;
import io.github.etcdlock.test.EtcdExtension;
import io.github.etcdlock.test.TcpProxy;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Instances that die, and instances that only seem to. */
class ServiceRegistryFaultTests {

	private static final Duration TTL = Duration.ofSeconds(2);

	private static final ServiceInstance INSTANCE = ServiceInstance.of("orders", "host", 1);

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	@AutoClose
	private final TcpProxy link = TcpProxy.to(etcd.endpoint());

	private final Traffic traffic = new Traffic();

	private final ServiceDiscovery orders = this.managers.start().recipes(Managers.TEXT).discovery("orders");

	private final LeaseManager manager = this.managers.with()
		.requestTimeout(Duration.ofSeconds(6))
		.traffic(this.traffic)
		.start();

	private final EtcdRecipes recipes = this.manager.recipes(Managers.TEXT);

	private static boolean isEntry(Object message) {
		return message instanceof TxnRequest request && request.toString().contains("/.services/")
				&& request.getSuccess(0).hasRequestPut();
	}

	private long entries() {
		return etcd.cluster().contents().under(this.managers.prefix() + "/.services/").size();
	}

	@Test
	void instanceOfAKilledProcessIsGoneSoonAfterItsTtl() {
		try (ChildJvm child = ChildJvm.start(RegisteringProcess.class, etcd.endpoint(), this.managers.prefix(),
				Long.toString(TTL.toSeconds()))) {
			child.expect("registered");
			await().until(() -> this.orders.instances().equals(List.of(INSTANCE)));
			long killed = System.nanoTime();
			child.kill();
			await().pollInterval(Duration.ofMillis(20)).until(() -> this.orders.instances().isEmpty());
			assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(TTL.plusSeconds(4));
		}
	}

	@Test
	void instanceComesBackAfterAFrozenLink() {
		EtcdRecipes behindLink = this.managers.with()
			.ttl(TTL)
			.endpoints(List.of(this.link.endpoint()))
			.start()
			.recipes(Managers.TEXT);
		ServiceRegistration registration = behindLink.registry().register(INSTANCE);
		await().until(() -> this.orders.instances().equals(List.of(INSTANCE)));
		this.link.freeze();
		await().until(() -> this.orders.instances().isEmpty());
		assertThat(registration.isRegistered()).isFalse();
		this.link.resetAll();
		this.link.pass();
		await().until(() -> this.orders.instances().equals(List.of(INSTANCE)));
		await().until(registration::isRegistered);
		registration.close();
		await().until(() -> entries() == 0);
	}

	@Test
	void auditLeavesTheEntryAlone() throws Exception {
		LeaseManager manager = this.managers.start();
		manager.recipes(Managers.TEXT).registry().register(INSTANCE);
		CompletableFuture<Void> audited = new CompletableFuture<>();
		manager.engine().loop().run(() -> {
			Session session = manager.sessions().get(manager.engine().settings().ttl().toSeconds());
			Audit audit = new Audit(manager.engine(), session);
			audit.run();
			manager.engine().later(TimeUnit.MILLISECONDS.toNanos(200), audit::run);
			manager.engine().later(TimeUnit.MILLISECONDS.toNanos(400), () -> audited.complete(null));
		});
		audited.get(5, TimeUnit.SECONDS);
		assertThat(entries()).isEqualTo(1);
	}

	@Test
	void registrationWaitsForAnEtcdThatIsDown() {
		EtcdRecipes behindLink = this.managers.with()
			.requestTimeout(Duration.ofSeconds(1))
			.endpoints(List.of(this.link.endpoint()))
			.start()
			.recipes(Managers.TEXT);
		this.link.refuse();
		this.link.resetAll();
		ServiceRegistration registration = behindLink.registry().register(INSTANCE);
		assertThat(registration.isRegistered()).isFalse();
		this.link.pass();
		await().until(registration::isRegistered);
		await().until(() -> entries() == 1);
	}

	@Test
	void registrationThatMeetsTheEndOfTheManagerIsRefused() {
		Fault slow = this.traffic.fault(Fault.Kind.HOLD_REQUEST, ServiceRegistryFaultTests::isEntry);
		CompletableFuture<?> registering = CompletableFuture
			.supplyAsync(() -> this.recipes.registry().register(INSTANCE), (task) -> new Thread(task, "user").start());
		slow.awaitRequest(TxnRequest.class);
		CompletableFuture<Void> closing = CompletableFuture.runAsync(this.manager::close,
				(task) -> new Thread(task, "closing").start());
		assertThat(registering).failsWithin(Duration.ofSeconds(5))
			.withThrowableThat()
			.havingCause()
			.isInstanceOf(IllegalStateException.class)
			.withMessageContaining("shutting down");
		slow.release();
		assertThat(closing).succeedsWithin(Duration.ofSeconds(10));
		await().until(() -> entries() == 0);
	}

	@Test
	void lostAnswersLeaveOneEntry() {
		this.traffic.fault(Fault.Kind.LOSE_ANSWER, ServiceRegistryFaultTests::isEntry);
		this.traffic.fault(Fault.Kind.LOSE_REQUEST, ServiceRegistryFaultTests::isEntry);
		ServiceRegistration registration = this.recipes.registry().register(INSTANCE);
		await().until(registration::isRegistered);
		await().until(() -> entries() == 1);
		registration.close();
		await().until(() -> entries() == 0);
	}

	@Test
	void lostAnswersAndThenALostSessionLeaveOneEntry() throws Exception {
		this.traffic.fault(Fault.Kind.LOSE_ANSWER, ServiceRegistryFaultTests::isEntry);
		this.traffic.fault(Fault.Kind.LOSE_ANSWER, ServiceRegistryFaultTests::isEntry);
		ServiceRegistration registration = this.recipes.registry().register(INSTANCE);
		await().until(registration::isRegistered);
		this.traffic.forget();
		try (Outsider outsider = new Outsider(etcd.endpoint())) {
			outsider.revoke(etcd.cluster().contents().under(this.managers.prefix() + "/.services/").get(0).lease());
		}
		await().until(() -> this.traffic.count(ServiceRegistryFaultTests::isEntry) > 0 && registration.isRegistered());
		CompletableFuture<Void> later = new CompletableFuture<>();
		this.manager.engine().later(TimeUnit.SECONDS.toNanos(1), () -> later.complete(null));
		later.get(5, TimeUnit.SECONDS);
		assertThat(registration.isRegistered()).isTrue();
		assertThat(this.traffic.count(ServiceRegistryFaultTests::isEntry)).isOne();
		assertThat(entries()).isOne();
		registration.close();
		await().until(() -> entries() == 0);
	}

	@Test
	void registrationIsOneWriteEachWayAndToAskCostsNothing() {
		this.recipes.registry().register(ServiceInstance.of("other", "host", 2));
		ServiceDiscovery mine = this.recipes.discovery("orders");
		mine.instances();
		Managers.awaitWatches(this.manager, 2);
		this.traffic.forget();
		ServiceRegistration registration = this.recipes.registry().register(INSTANCE);
		await().until(() -> mine.choose().isPresent());
		for (int i = 0; i < 100; i++) {
			mine.choose();
		}
		registration.close();
		await().until(() -> mine.choose().isEmpty());
		assertThat(this.traffic.count((message) -> (message instanceof TxnRequest || message instanceof RangeRequest)
				&& !message.toString().contains("/.sessions/")))
			.isEqualTo(2);
	}

	/** A process that registers, and waits for its end. */
	static final class RegisteringProcess {

		private RegisteringProcess() {
		}

		public static void main(String[] arguments) throws Exception {
			Duration ttl = Duration.ofSeconds(Long.parseLong(arguments[2]));
			EtcdConnection connection = new EtcdConnection(List.of(arguments[0].replace("http://", "")), null, null,
					null, Duration.ofSeconds(1));
			// A cold process may need more than the third of a short TTL.
			LockSettings settings = new LockSettings(arguments[1], Duration.ofSeconds(10), ttl, ttl,
					Duration.ofSeconds(5), "child");
			try (LeaseManager manager = new LeaseManager(connection, settings, List.of())) {
				ServiceRegistration registration = manager.recipes(Managers.TEXT).registry().register(INSTANCE);
				await().until(registration::isRegistered);
				System.out.println("registered");
				new BufferedReader(new InputStreamReader(System.in)).readLine();
			}
		}

	}

}
