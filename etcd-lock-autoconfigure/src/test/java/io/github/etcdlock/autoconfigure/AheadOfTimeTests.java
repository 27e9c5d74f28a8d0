package io.github.etcdlock.autoconfigure;

import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.actuate.LocalLock;
import io.github.etcdlock.actuate.WaitForGraph;
import io.github.etcdlock.recipe.DistributedCounter;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.QueueListener;
import io.github.etcdlock.test.EtcdCluster;
import io.github.etcdlock.test.EtcdExtension;
import org.assertj.core.api.ThrowingConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.aop.support.AopUtils;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.test.tools.Compiled;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;
import org.springframework.core.test.tools.TestCompiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** An application whose context was generated at build time. */
@ExtendWith(EtcdExtension.class)
class AheadOfTimeTests {

	@Test
	@CompileWithForkedClassLoader
	void generatedContextLocksAndHasHintsForWhatIsCalledByReflection(EtcdCluster etcd) {
		Map<String, Object> properties = Map.of("etcd-lock.endpoints", etcd.endpoint(), "etcd-lock.key-prefix",
				etcd.freshPrefix(), "etcd-lock.wait-time", "50ms", "etcd-lock.request-timeout", "9s");
		TestGenerationContext generated = new TestGenerationContext();
		generate(generated);
		checkHints(generated);
		TestCompiler.forSystem().with(generated).compile((ThrowingConsumer<Compiled>) (compiled) -> {
			GenericApplicationContext context = new GenericApplicationContext();
			context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("test", properties));
			initializer(compiled.getInstance(ApplicationContextInitializer.class)).initialize(context);
			try (context) {
				context.refresh();
				check(context);
			}
		});
	}

	@SuppressWarnings("unchecked")
	private static ApplicationContextInitializer<ConfigurableApplicationContext> initializer(Object instance) {
		return (ApplicationContextInitializer<ConfigurableApplicationContext>) instance;
	}

	/** What the build does; there is no etcd then. */
	private static void generate(TestGenerationContext generated) {
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			context.getEnvironment()
				.getPropertySources()
				.addFirst(new MapPropertySource("build",
						Map.of("management.endpoints.web.exposure.include", "etcdlocks")));
			context.register(Application.class);
			new ApplicationContextAotGenerator().processAheadOfTime(context, generated);
			generated.writeGeneratedContent();
		}
	}

	private static void check(GenericApplicationContext context) throws Exception {
		Shop shop = context.getBean(Shop.class);
		assertThat(AopUtils.isCglibProxy(shop)).isTrue();
		assertThat(shop.ship(new Order("7"), null)).isTrue();
		LockTemplate locks = context.getBean(LockTemplate.class);
		try (LockHandle held = locks.acquire("order:7")) {
			assertThat(held.fencingToken()).isPositive();
			assertThat(shop.ship(new Order("8"), null)).isTrue();
			assertThat(shop.shipOrSay(new Order("7"))).isEqualTo("busy: 7");
			assertThatExceptionOfType(LockNotAcquiredException.class).isThrownBy(() -> shop.ship(new Order("7"), null));
		}
		assertThat(context.getBean(DistributedCounter.class).addAndGet(2)).isEqualTo(2);
		context.getBean(EtcdRecipes.class).workQueue("orders", Order.class).offer(new Order("9"));
		assertThat(shop.packed().poll(10, TimeUnit.SECONDS)).isEqualTo(new Order("9"));
	}

	/** Generated once, for that takes its time. */
	private static void checkHints(TestGenerationContext generated) {
		RuntimeHints hints = generated.getRuntimeHints();
		for (Class<?> type : new Class<?>[] { Shop.class, ShipOrSay.class }) {
			assertThat(RuntimeHintsPredicates.reflection()
				.onType(type)
				.withMemberCategory(MemberCategory.INVOKE_DECLARED_METHODS)).accepts(hints);
		}
		assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(Order.class, "id")).accepts(hints);
		assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(LocalLock.class, "thread")).accepts(hints);
		assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(WaitForGraph.Wait.class, "holder"))
			.accepts(hints);
		assertThat(RuntimeHintsPredicates.resource().forResource("io/github/etcdlock/guard/schema-postgresql.sql"))
			.accepts(hints);
		assertThat(RuntimeHintsPredicates.reflection()
			.onType(Plain.class)
			.withMemberCategory(MemberCategory.INVOKE_DECLARED_METHODS)).rejects(hints);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ EtcdLockAutoConfiguration.class, EtcdLockAopAutoConfiguration.class,
			EtcdRecipesAutoConfiguration.class, EtcdLeaderAutoConfiguration.class, EtcdLockEventAutoConfiguration.class,
			EtcdGuardAutoConfiguration.class, EtcdRegistryAutoConfiguration.class,
			EtcdLockRegistryAutoConfiguration.class, EtcdShedLockAutoConfiguration.class,
			EtcdLocksEndpointAutoConfiguration.class })
	static class Application {

		@Bean
		Shop shop() {
			return new Shop();
		}

		@Bean
		Plain plain() {
			return new Plain();
		}

		@Bean
		DistributedCounter counter(EtcdRecipes recipes) {
			return recipes.counter("orders");
		}

	}

	record Order(String id) {
	}

	interface ShipOrSay {

		@DistributedLock(key = "order:#{#order.id}", waitTime = "0", fallback = "busy")
		String shipOrSay(Order order);

	}

	static class Shop implements ShipOrSay {

		private final BlockingQueue<Order> packed = new LinkedBlockingQueue<>();

		@DistributedLock("order:#{#order.id}")
		public boolean ship(Order order, LockHandle lock) {
			return lock.isHeld();
		}

		@Override
		public String shipOrSay(Order order) {
			return "shipped";
		}

		public String busy(Order order) {
			return "busy: " + order.id();
		}

		@QueueListener(queue = "orders")
		public void pack(Order order) {
			this.packed.add(order);
		}

		BlockingQueue<Order> packed() {
			return this.packed;
		}

	}

	static class Plain {

	}

}
