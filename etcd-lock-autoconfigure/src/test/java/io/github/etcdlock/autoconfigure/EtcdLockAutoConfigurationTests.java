package io.github.etcdlock.autoconfigure;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockListener;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.aop.RecordingLockTemplate;
import io.github.etcdlock.etcd.EtcdConnection;
import io.github.etcdlock.etcd.LeaseManager;
import io.github.etcdlock.etcd.LockSettings;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.ValueFormat;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.actuate.endpoint.SanitizableData;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/** Beans and properties; nothing here talks to an etcd, since there is none at port 1. */
@ExtendWith(OutputCaptureExtension.class)
class EtcdLockAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, EmbeddedEtcdAutoConfiguration.class,
				EtcdLockAutoConfiguration.class, EtcdLockActuatorAutoConfiguration.class,
				EtcdRecipesAutoConfiguration.class))
		.withPropertyValues("etcd-lock.endpoints=http://127.0.0.1:1");

	@Test
	void everythingIsThereByDefault() {
		this.runner.run((context) -> assertThat(context).hasSingleBean(LockTemplate.class)
			.hasSingleBean(LeaseManager.class)
			.hasSingleBean(EtcdConnectionDetails.class)
			.hasSingleBean(Client.class));
	}

	@Test
	void recipesStoreValuesAsJson() {
		this.runner.run((context) -> {
			assertThat(context).hasSingleBean(EtcdRecipes.class);
			ValueFormat format = context.getBean(ValueFormat.class);
			assertThat(format.read(format.write(Duration.ofHours(1)), Duration.class)).isEqualTo(Duration.ofHours(1));
		});
	}

	@Test
	void recipesStoreValuesByTheMapperOfTheApplication() {
		JsonMapper snake = JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();
		this.runner.withBean("snake", JsonMapper.class, () -> snake)
			.run((context) -> assertThat(written(context)).isEqualTo("{\"room_number\":7}"));
		this.runner.withBean("snake", JsonMapper.class, () -> snake)
			.withBean("plain", JsonMapper.class, JsonMapper::shared)
			.run((context) -> assertThat(written(context)).as("none of several").isEqualTo("{\"roomNumber\":7}"));
	}

	private static String written(AssertableApplicationContext context) {
		assertThat(context).hasNotFailed();
		return new String(context.getBean(ValueFormat.class).write(new Room(7)), StandardCharsets.UTF_8);
	}

	record Room(int roomNumber) {
	}

	@Test
	void recipesWithoutJacksonSayWhatIsMissing() {
		this.runner.withClassLoader(new FilteredClassLoader("tools.jackson")).run((context) -> {
			assertThat(context).hasSingleBean(EtcdRecipes.class).doesNotHaveBean(ValueFormat.class);
			assertThatIllegalStateException().isThrownBy(() -> ValueFormat.textOnly().write(1))
				.withMessageContaining("java.lang.Integer")
				.withMessageContaining("spring-boot-starter-jackson");
		});
	}

	@Test
	void recipesNeedEtcd() {
		this.runner.withPropertyValues("etcd-lock.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(EtcdRecipes.class));
	}

	@Test
	void startsWithoutEtcdAndSaysSoOnce(CapturedOutput output) {
		this.runner.withPropertyValues("etcd-lock.endpoints=http://127.0.0.1:7", "etcd-lock.request-timeout=8s")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				Awaitility.await().until(() -> output.getAll().contains("http://127.0.0.1:7"));
				assertThat(output)
					.containsOnlyOnce("The etcd at http://127.0.0.1:7 cannot be reached (Connection refused")
					.contains("Start etcd, or correct etcd-lock.endpoints")
					.contains("set etcd-lock.fail-fast=true");
			});
	}

	@Test
	void lockWithoutEtcdIsUnavailable() {
		this.runner.withPropertyValues("etcd-lock.request-timeout=300ms")
			.run((context) -> assertThatExceptionOfType(LockUnavailableException.class)
				.isThrownBy(() -> context.getBean(LockTemplate.class).acquire("k")));
	}

	@Test
	void failFastFailsTheStartUp() {
		this.runner.withPropertyValues("etcd-lock.fail-fast=true", "etcd-lock.request-timeout=8s")
			.run((context) -> assertThat(context).getFailure().rootCause().hasMessageContaining("Connection refused"));
	}

	@Test
	void jetcdClientIsBuiltWhenItIsNeeded() {
		this.runner.run((context) -> {
			ConfigurableListableBeanFactory beans = context.getBeanFactory();
			assertThat(beans.containsSingleton("etcdClient")).isFalse();
			assertThat(context.getBean(Client.class)).isNotNull();
			assertThat(beans.containsSingleton("etcdClient")).isTrue();
		});
	}

	@Test
	void jetcdClientIsCustomizedInOrder() {
		StringBuilder calls = new StringBuilder();
		this.runner
			.withBean("second", EtcdClientBuilderCustomizer.class,
					() -> new Ordered2((builder) -> calls.append(builder.target())))
			.withBean("first", EtcdClientBuilderCustomizer.class, () -> new Ordered1((builder) -> calls.append("1 ")))
			.run((context) -> {
				context.getBean(Client.class);
				assertThat(calls.toString()).isEqualTo("1 ip:///127.0.0.1:1");
			});
	}

	@Test
	void usersBeansTakeThePlaceOfOurs() {
		this.runner.withUserConfiguration(OwnBeans.class).run((context) -> {
			assertThat(context).hasSingleBean(LockTemplate.class)
				.hasSingleBean(LeaseManager.class)
				.hasSingleBean(EtcdConnectionDetails.class)
				.hasSingleBean(Client.class);
			assertThat(context.getBean(LockTemplate.class)).isInstanceOf(RecordingLockTemplate.class);
			assertThat(context.getBean(LeaseManager.class)).isSameAs(context.getBean("own"));
			assertThat(context.getBean(Client.class)).isSameAs(context.getBean("ownClient"));
			assertThat(context.getBean(EtcdConnectionDetails.class).getEndpoints()).containsExactly("127.0.0.1:2");
		});
	}

	@Test
	void connectionDetailsBeanMakesTheConnectionPropertiesMoot() {
		this.runner.withPropertyValues("etcd-lock.endpoints=", "etcd-lock.username=alone")
			.withBean(EtcdConnectionDetails.class, () -> () -> List.of("127.0.0.1:2"))
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void listenersAreToldInOrder() {
		StringBuffer told = new StringBuffer();
		this.runner.withPropertyValues("etcd-lock.enabled=false")
			.withBean("second", LockListener.class, () -> new SecondListener(told))
			.withBean("first", LockListener.class, () -> new FirstListener(told))
			.run((context) -> {
				context.getBean(LockTemplate.class).executeWithoutResult("k", (lock) -> told.append("locked "));
				Awaitility.await().until(() -> told.toString().contains("second"));
				assertThat(told.toString()).contains("first second");
			});
	}

	@Test
	void disabledMeansThisProcessOnlyAndIsSaidOnce(CapturedOutput output) {
		this.runner
			.withPropertyValues("etcd-lock.enabled=false", "etcd-lock.embedded.enabled=true", "etcd-lock.wait-time=0")
			.run((context) -> {
				assertThat(context).hasSingleBean(LockTemplate.class)
					.doesNotHaveBean(LeaseManager.class)
					.doesNotHaveBean(Client.class)
					.doesNotHaveBean(EtcdConnectionDetails.class)
					.doesNotHaveBean(EtcdLockLifecycle.class);
				LockTemplate template = context.getBean(LockTemplate.class);
				try (LockHandle lock = template.acquire("k")) {
					assertThat(lock.isHeld()).isTrue();
					assertThat(template.tryAcquire("k")).isEmpty();
					assertThatExceptionOfType(LockNotAcquiredException.class).isThrownBy(() -> template.acquire("k"));
				}
			});
		assertThat(output).containsOnlyOnce("locks work within this process only");
	}

	@Test
	void ownTemplateNeedsNoInProcessLocks() {
		this.runner.withPropertyValues("etcd-lock.enabled=false")
			.withBean(LockTemplate.class, RecordingLockTemplate::new)
			.run((context) -> assertThat(context).hasSingleBean(LockTemplate.class));
	}

	@Test
	void actuatorIsOptional() {
		this.runner.withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate"))
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(LockTemplate.class));
	}

	@Test
	void contextThatIsStoppedCanBeStartedAgain() {
		this.runner.withPropertyValues("etcd-lock.request-timeout=300ms").run((context) -> {
			context.getSourceApplicationContext().stop();
			context.getSourceApplicationContext().start();
			assertThatExceptionOfType(LockUnavailableException.class)
				.isThrownBy(() -> context.getBean(LockTemplate.class).acquire(LockRequest.of("k")));
		});
	}

	@Test
	void passwordsInEndpointsAreRefusedUnseen() {
		this.runner.withPropertyValues("etcd-lock.endpoints=http://shop:s3cret@a:1")
			.run((context) -> assertThat(context).getFailure()
				.hasStackTraceContaining("has a user or password in a URL")
				.satisfies((failure) -> assertThat(stackTrace(failure)).doesNotContain("s3cret")));
	}

	@Test
	void passwordShowsInNoMessage() {
		this.runner.withPropertyValues("etcd-lock.password=s3cret")
			.run((context) -> assertThat(stackTrace(context.getStartupFailure())).doesNotContain("s3cret"));
	}

	@Test
	void unitIsAskedForAfterPlaceholdersToo() {
		this.runner.withPropertyValues("lease=30", "etcd-lock.ttl=${lease}")
			.run((context) -> assertThat(context).getFailure()
				.hasStackTraceContaining("etcd-lock.ttl = 30 has no unit"));
	}

	@Test
	void durationsOfOthersAreLeftAlone() {
		this.runner.withPropertyValues("etcd-lock.wait-time=0", "etcd-lock.ttl=PT20S", "spring.lifecycle.x=5")
			.run((context) -> assertThat(context.getBean(EtcdLockProperties.class).ttl())
				.isEqualTo(Duration.ofSeconds(20)));
	}

	@ParameterizedTest
	@CsvSource({ "PT30S,,3000", "PT6S,,2000", "PT2S,,666", "PT30S,PT10S,10000" })
	void requestTimeoutFollowsTheTtl(String ttl, String requestTimeout, long millis) {
		Duration given = (requestTimeout != null) ? Duration.parse(requestTimeout) : null;
		assertThat(settings("/locks", Duration.parse(ttl), given).requestTimeout().toMillis()).isEqualTo(millis);
	}

	@ParameterizedTest
	@CsvSource({ "/locks,/locks", "/locks/,/locks", "/a/b//,/a/b", "locks,locks" })
	void slashesAtTheEndOfThePrefixAreLeftOut(String prefix, String normal) {
		assertThat(settings(prefix, Duration.ofSeconds(30), null).keyPrefix()).isEqualTo(normal);
	}

	private static LockSettings settings(String prefix, Duration ttl, Duration requestTimeout) {
		Duration second = Duration.ofSeconds(1);
		return LockSettingsReader.read(new EtcdLockProperties(true, List.of("a"), null, null, null, prefix, second, ttl,
				requestTimeout, second, second, 16, second, false, null, null, null), "app");
	}

	@ParameterizedTest
	@CsvSource({ "a:1,a:1,false", "a,a:2379,false", "http://a,a:2379,false", "HTTPS://a:1,a:1,true",
			"https://[::1]:1/,[::1]:1,true", "dns:///a:1,dns:///a:1,false", "127.0.0.1:1,127.0.0.1:1,false" })
	void endpointsAreReadInEveryForm(String endpoint, String target, boolean tls) {
		EtcdEndpoints endpoints = EtcdEndpoints.of(List.of(endpoint));
		assertThat(endpoints.targets()).containsExactly(target);
		assertThat(endpoints.tls()).isEqualTo(tls);
	}

	@Test
	void actuatorHidesThePasswordAlsoFromThoseWhoMaySeeValues() {
		this.runner.run((context) -> {
			var function = context.getBean(SanitizingFunction.class);
			for (String key : List.of("etcd-lock.password", "ETCDLOCK_PASSWORD", "ETCD_LOCK_PASSWORD")) {
				var data = new SanitizableData(null, key, "s3cret");
				assertThat(function.applyUnlessFiltered(data).getValue()).isEqualTo("******");
			}
		});
	}

	private static String stackTrace(Throwable failure) {
		StringWriter text = new StringWriter();
		failure.printStackTrace(new PrintWriter(text));
		return text.toString();
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnBeans {

		@Bean
		EtcdConnectionDetails ownDetails() {
			return () -> List.of("127.0.0.1:2");
		}

		@Bean
		LeaseManager own() {
			return new LeaseManager(new EtcdConnection(List.of("127.0.0.1:3"), null, null, null, Duration.ofSeconds(1)),
					new LockSettings("/own", Duration.ofSeconds(1), Duration.ofSeconds(6), Duration.ofSeconds(1),
							Duration.ofSeconds(1), "own"),
					List.of());
		}

		@Bean
		LockTemplate ownTemplate() {
			return new RecordingLockTemplate();
		}

		@Bean
		Client ownClient() {
			return Client.builder().target("ip:///127.0.0.1:4").build();
		}

	}

	@Order(1)
	record Ordered1(Consumer<ClientBuilder> change) implements EtcdClientBuilderCustomizer {

		@Override
		public void customize(ClientBuilder builder) {
			this.change.accept(builder);
		}

	}

	@Order(2)
	record Ordered2(Consumer<ClientBuilder> change) implements EtcdClientBuilderCustomizer {

		@Override
		public void customize(ClientBuilder builder) {
			this.change.accept(builder);
		}

	}

	@Order(1)
	record FirstListener(StringBuffer told) implements LockListener {

		@Override
		public void onReleased(LockHandle lock) {
			this.told.append("first ");
		}

	}

	@Order(2)
	record SecondListener(StringBuffer told) implements LockListener {

		@Override
		public void onReleased(LockHandle lock) {
			this.told.append("second ");
		}

	}

}
