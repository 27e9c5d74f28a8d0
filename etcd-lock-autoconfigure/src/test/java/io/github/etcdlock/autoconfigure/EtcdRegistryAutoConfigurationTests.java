package io.github.etcdlock.autoconfigure;

import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;

import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.ServiceInstance;
import io.github.etcdlock.test.EtcdExtension;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.mockito.Mockito;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.cloud.client.discovery.composite.CompositeDiscoveryClientAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.SmartLifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class EtcdRegistryAutoConfigurationTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private final String prefix = etcd.freshPrefix();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(EtcdLockAutoConfiguration.class, EtcdRecipesAutoConfiguration.class,
				EtcdRegistryAutoConfiguration.class, EtcdDiscoveryClientAutoConfiguration.class))
		.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint(), "etcd-lock.key-prefix=" + this.prefix,
				"spring.application.name=orders");

	private List<ServiceInstance> registered(ApplicationContext context) {
		return context.getBean(EtcdRecipes.class).registry().services().getOrDefault("orders", List.of());
	}

	@Test
	void nothingIsRegisteredUnlessAskedFor() {
		this.runner.run((context) -> assertThat(context).doesNotHaveBean(RegisteredService.class));
		this.runner.withPropertyValues("etcd-lock.registry.enabled=true", "etcd-lock.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(RegisteredService.class));
	}

	@Test
	void applicationIsRegisteredWhileItRuns() {
		this.runner
			.withPropertyValues("etcd-lock.registry.enabled=true", "etcd-lock.registry.port=8443",
					"etcd-lock.registry.host=shop", "etcd-lock.registry.secure=true",
					"etcd-lock.registry.metadata.zone=west")
			.run((context) -> {
				await().until(() -> registered(context).equals(List
					.of(new ServiceInstance("orders", "shop:8443", "shop", 8443, true, Map.of("zone", "west")))));
				context.getBean(RegisteredService.class).stop();
				await().until(() -> registered(context).isEmpty());
				context.getBean(RegisteredService.class).start();
				await().until(() -> registered(context).size() == 1);
			});
		assertThat(etcd.cluster().contents().under(this.prefix + "/.services/")).isEmpty();
	}

	@Test
	void portIsThatOfTheWebServer() {
		this.runner.withBean(Server.class)
			.withPropertyValues("etcd-lock.registry.enabled=true", "etcd-lock.registry.service=shop")
			.run((context) -> {
				List<ServiceInstance> shops = context.getBean(EtcdRecipes.class).registry().services().get("shop");
				assertThat(shops).singleElement().satisfies((shop) -> {
					assertThat(shop.port()).isEqualTo(8081);
					assertThat(shop.host()).isNotBlank();
					assertThat(shop.id()).isEqualTo(shop.host() + ":8081");
				});
			});
	}

	@Test
	void othersAreToldToUseTlsWhereTheWebServerDoes() {
		ApplicationContextRunner secure = this.runner.withBean(Server.class).withBean(ServerProperties.class, () -> {
			ServerProperties server = new ServerProperties();
			server.setSsl(Ssl.forBundle("web"));
			return server;
		}).withPropertyValues("etcd-lock.registry.enabled=true");
		secure.run(
				(context) -> assertThat(registered(context)).extracting(ServiceInstance::secure).containsExactly(true));
		secure.withPropertyValues("etcd-lock.registry.secure=false")
			.run((context) -> assertThat(registered(context)).extracting(ServiceInstance::secure)
				.containsExactly(false));
	}

	@Test
	void entryIsGoneBeforeTheWebServerDrains() {
		Draining draining = new Draining(() -> etcd.cluster().contents().under(this.prefix + "/.services/").size());
		this.runner.withBean(Draining.class, () -> draining)
			.withPropertyValues("etcd-lock.registry.enabled=true", "etcd-lock.registry.port=80")
			.run((context) -> assertThat(registered(context)).hasSize(1));
		assertThat(draining.entries).isZero();
	}

	/** Stops when a web server begins to drain, and looks who is registered then. */
	static final class Draining implements SmartLifecycle {

		private final IntSupplier look;

		private volatile int entries = -1;

		private volatile boolean running;

		Draining(IntSupplier look) {
			this.look = look;
		}

		@Override
		public void start() {
			this.running = true;
		}

		@Override
		public void stop() {
			this.entries = this.look.getAsInt();
			this.running = false;
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

		@Override
		public int getPhase() {
			return WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE;
		}

	}

	@Test
	void unknownPortIsSaidWithItsCure() {
		this.runner.withPropertyValues("etcd-lock.registry.enabled=true")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidEtcdLockPropertyException.class)
				.hasMessageContaining("etcd-lock.registry.port"));
		this.runner.withClassLoader(new FilteredClassLoader("org.springframework.boot.web.server"))
			.withPropertyValues("etcd-lock.registry.enabled=true", "etcd-lock.registry.port=80")
			.run((context) -> assertThat(context).hasSingleBean(RegisteredService.class)
				.doesNotHaveBean(ServicePort.class));
	}

	@Test
	void springCloudSeesWhatIsRegistered() {
		this.runner.withConfiguration(AutoConfigurations.of(CompositeDiscoveryClientAutoConfiguration.class))
			.withPropertyValues("etcd-lock.registry.enabled=true", "etcd-lock.registry.port=80",
					"etcd-lock.registry.host=shop", "etcd-lock.registry.metadata.zone=west")
			.run((context) -> {
				DiscoveryClient client = context.getBean(DiscoveryClient.class);
				assertThat(client.getServices()).containsExactly("orders");
				assertThat(client.getInstances("orders")).singleElement().satisfies((instance) -> {
					assertThat(instance.getUri()).hasToString("http://shop:80");
					assertThat(instance.getInstanceId()).isEqualTo("shop:80");
					assertThat(instance.getMetadata()).containsEntry("zone", "west");
				});
				assertThat(client.getInstances("others")).isEmpty();
			});
	}

	@Test
	void springCloudIsNotNeeded() {
		this.runner.withPropertyValues("spring.cloud.discovery.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(EtcdDiscoveryClient.class));
		this.runner.withClassLoader(new FilteredClassLoader("org.springframework.cloud"))
			.run((context) -> assertThat(context).hasSingleBean(EtcdRecipes.class)
				.doesNotHaveBean(EtcdDiscoveryClient.class));
	}

	/** Starts a web server, as far as others are told, and one for management. */
	static final class Server implements SmartLifecycle {

		private final ApplicationContext context;

		private volatile boolean running;

		Server(ApplicationContext context) {
			this.context = context;
		}

		@Override
		public void start() {
			this.running = true;
			this.context.getBean(WebServerPort.class).onApplicationEvent(started(8081, null));
			this.context.getBean(WebServerPort.class).onApplicationEvent(started(9090, "management"));
		}

		private static WebServerInitializedEvent started(int port, @Nullable String namespace) {
			WebServer server = Mockito.mock(WebServer.class);
			Mockito.when(server.getPort()).thenReturn(port);
			WebServerApplicationContext owner = Mockito.mock(WebServerApplicationContext.class);
			Mockito.when(owner.getServerNamespace()).thenReturn(namespace);
			WebServerInitializedEvent event = Mockito.mock(WebServerInitializedEvent.class);
			Mockito.when(event.getWebServer()).thenReturn(server);
			Mockito.when(event.getApplicationContext()).thenReturn(owner);
			return event;
		}

		@Override
		public void stop() {
			this.running = false;
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

		@Override
		public int getPhase() {
			return WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE;
		}

	}

}
