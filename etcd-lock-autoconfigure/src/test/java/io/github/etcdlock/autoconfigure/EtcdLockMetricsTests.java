package io.github.etcdlock.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.jayway.jsonpath.JsonPath;
import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.etcd.LeaseManager;
import io.github.etcdlock.metrics.LockGauges;
import io.github.etcdlock.metrics.LockMeters;
import io.github.etcdlock.metrics.LockObservations;
import io.github.etcdlock.metrics.MeteredQueue;
import io.github.etcdlock.metrics.QueueMeters;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.ValueFormat;
import io.github.etcdlock.recipe.WorkQueue;
import io.github.etcdlock.recipe.WorkQueueOptions;
import io.github.etcdlock.test.EtcdExtension;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.yaml.snakeyaml.Yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Meters of locks on a real etcd, as a registry of Prometheus has them. */
class EtcdLockMetricsTests {

	/** A meter, with what is asked of its labels in braces. */
	private static final Pattern METER = Pattern.compile("(etcd_lock_[a-z_]+)(?:\\{([^}]*)\\})?");

	/** Of an expression, and of a line of what Prometheus scrapes. */
	private static final Pattern LABEL = Pattern.compile("([a-z_]+)(=~|!=|=)\"([^\"]*)\"");

	private static final Pattern GROUPED = Pattern.compile(" by \\(([^)]*)\\)");

	/** What Prometheus, or the application's own configuration, adds. */
	private static final Set<String> ADDED = Set.of("application", "instance");

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private ApplicationContextRunner runner;

	@BeforeEach
	void prepare() {
		this.runner = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(MetricsAutoConfiguration.class, CompositeMeterRegistryAutoConfiguration.class,
							EtcdLockAutoConfiguration.class, EtcdLockAopAutoConfiguration.class,
							EtcdLockMetricsAutoConfiguration.class, EtcdLockObservationAutoConfiguration.class))
			.withBean(PrometheusMeterRegistry.class, () -> new PrometheusMeterRegistry(PrometheusConfig.DEFAULT))
			.withBean(Orders.class)
			.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint(), "etcd-lock.key-prefix=" + etcd.freshPrefix(),
					"etcd-lock.wait-time=60ms", "etcd-lock.request-timeout=9s");
	}

	@Test
	void methodIsMeasuredUnderTheTextOfItsKeyAndNoKeyIsATag() {
		this.runner.run((context) -> {
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			context.getBean(Orders.class).ship("4711");
			context.getBean(Orders.class).swap("4711", "4712");
			context.getBean(LockTemplate.class).executeWithoutResult("4713", LockHandle::isHeld);
			await(registry, 1, "released", "order:#{#id}");
			await(registry, 1, "released", "order:#{#from}, order:#{#to}");
			await(registry, 1, "released", "none");
			assertThat(registry.getMeters()).allSatisfy(
					(meter) -> assertThat(meter.getId().getTags()).noneMatch((tag) -> tag.getValue().contains("471")));
			assertThat(registry.get("etcd.lock.wait.time").tags("name", "none", "mode", "exclusive").timer().count())
				.isOne();
		});
	}

	private static void await(MeterRegistry registry, long count, String outcome, String name) {
		Awaitility.await()
			.ignoreExceptions()
			.until(() -> registry.get("etcd.lock.hold.time")
				.tags("outcome", outcome, "name", name)
				.timer()
				.count() == count);
	}

	@Test
	void everyOutcomeIsCounted() {
		this.runner.withPropertyValues("etcd-lock.wait-time=10s").run((context) -> {
			everyOutcome(context.getBean(LockTemplate.class), context.getBean(LeaseManager.class));
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			counted(registry, "acquired", 1);
			counted(registry, "busy", 2);
			counted(registry, "timeout", 1);
			counted(registry, "lost", 1);
		});
	}

	@Test
	void unansweredRequestIsAnError() {
		this.runner
			.withPropertyValues("etcd-lock.endpoints=http://127.0.0.1:1", "etcd-lock.request-timeout=200ms",
					"etcd-lock.connect-timeout=100ms")
			.run((context) -> {
				LockRequest report = LockRequest.of("r").named("report");
				assertThatExceptionOfType(LockUnavailableException.class)
					.isThrownBy(() -> context.getBean(LockTemplate.class).tryAcquire(report));
				counted(context.getBean(MeterRegistry.class), "error", 1);
			});
	}

	private static void counted(MeterRegistry registry, String outcome, double count) {
		Awaitility.await()
			.ignoreExceptions()
			.until(() -> registry.get("etcd.lock.outcomes")
				.tags("name", "report", "outcome", outcome)
				.counter()
				.count() == count);
	}

	/** A lock is acquired, twice busy, waited for in vain, and lost. */
	private static void everyOutcome(LockTemplate locks, LeaseManager manager) throws Exception {
		LockRequest report = LockRequest.of("r").named("report");
		LockHandle lock = locks.acquire(report);
		assertThat(locks.tryAcquire(report)).isEmpty();
		assertThat(locks.tryAcquire(report.waitingUpTo(Duration.ZERO))).isEmpty();
		assertThat(locks.tryAcquire(report.waitingUpTo(Duration.ofMillis(50)))).isEmpty();
		assertThat(manager.forceRelease(lock.ownershipKeys().get(0), lock.revision()).get()).isTrue();
		Awaitility.await().until(() -> !lock.isHeld());
		lock.close();
	}

	@Test
	void gaugesShowWhatIsHeldAndWaitedFor() {
		this.runner.run((context) -> {
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			LockTemplate locks = context.getBean(LockTemplate.class);
			assertThat(registry.get("etcd.lock.held").gauge().value()).isZero();
			LockHandle lock = locks.acquire("a");
			CompletableFuture<LockHandle> waiter = locks
				.acquireAsync(LockRequest.of("a").waitingUpTo(Duration.ofMinutes(1)));
			Awaitility.await().until(() -> registry.get("etcd.lock.waiting").gauge().value() == 1);
			assertThat(registry.get("etcd.lock.held").gauge().value()).isOne();
			assertThat(registry.get("etcd.lock.sessions").tag("state", "active").gauge().value()).isOne();
			assertThat(registry.get("etcd.lock.session.expiry").gauge().value()).isBetween(1.0, 30.0);
			assertThat(registry.get("etcd.lock.requests").tags("method", "Txn", "status", "OK").timer().count())
				.isPositive();
			waiter.cancel(false);
			lock.close();
			Awaitility.await()
				.until(() -> registry.get("etcd.lock.held").gauge().value() == 0
						&& registry.get("etcd.lock.waiting").gauge().value() == 0);
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "etcd-lock-dashboard.json", "etcd-lock-alerts.yml" })
	void whatTheDashboardAndTheAlertsAskForExists(String file) throws IOException {
		String text = Files.readString(Path.of("docs", "grafana", file)).replace("\\\"", "\"");
		List<MatchResult> used = METER.matcher(text).results().toList();
		assertThat(used).hasSizeGreaterThan(3);
		this.runner.run((context) -> {
			everyOutcome(context.getBean(LockTemplate.class), context.getBean(LeaseManager.class));
			context.getBean(LeaseManager.class).recipes(ValueFormat.textOnly()).workQueue("orders", String.class);
			PrometheusMeterRegistry registry = context.getBean(PrometheusMeterRegistry.class);
			Awaitility.await().untilAsserted(() -> {
				Map<String, Set<String>> labels = scraped(registry);
				assertThat(used).allSatisfy((meter) -> assertThat(labels).containsKey(meter.group(1)));
				assertThat(used)
					.allSatisfy((meter) -> assertThat(labels.get(meter.group(1))).containsAll(asked(meter.group(2))));
			});
			Set<String> names = Stream
				.concat(ADDED.stream(),
						scraped(registry).values()
							.stream()
							.flatMap(Set::stream)
							.map((label) -> label.substring(0, label.indexOf('='))))
				.collect(Collectors.toSet());
			assertThat(GROUPED.matcher(text).results().flatMap((by) -> Stream.of(by.group(1).split(", "))))
				.isSubsetOf(names);
		});
	}

	/** The labels that an expression wants, each with each value. */
	private static List<String> asked(@Nullable String labels) {
		return LABEL.matcher(String.valueOf(labels))
			.results()
			.filter((label) -> !ADDED.contains(label.group(1)))
			.flatMap((label) -> Stream.of(label.group(3).split("\\|")).map((value) -> label.group(1) + "=" + value))
			.toList();
	}

	/** Each meter with all its labels. */
	private static Map<String, Set<String>> scraped(PrometheusMeterRegistry registry) {
		return registry.scrape()
			.lines()
			.filter((line) -> !line.startsWith("#"))
			.collect(Collectors.groupingBy((line) -> line.replaceAll("[{ ].*", ""), Collectors.flatMapping(
					(line) -> LABEL.matcher(line).results().map((label) -> label.group(1) + "=" + label.group(3)),
					Collectors.toSet())));
	}

	/** What appears with its first event has not increased, as Prometheus sees it. */
	@Test
	void everyOutcomeOfALockBeginsAtZeroWithItsFirst() {
		this.runner.run((context) -> {
			context.getBean(LockTemplate.class).acquire(LockRequest.of("r").named("report")).close();
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			counted(registry, "acquired", 1);
			for (String outcome : List.of("busy", "timeout", "error", "lost")) {
				counted(registry, outcome, 0);
			}
		});
	}

	@Test
	void dashboardAndAlertsAreWellFormed() throws IOException {
		List<Map<String, Object>> panels = JsonPath
			.parse(Path.of("docs", "grafana", "etcd-lock-dashboard.json").toFile())
			.read("$.panels");
		assertThat(panels).extracting((panel) -> panel.get("id")).doesNotHaveDuplicates();
		assertThat(panels).extracting((panel) -> panel.get("gridPos")).doesNotHaveDuplicates();
		assertThat(panels).extracting((panel) -> JsonPath.<List<String>>read(panel, "$.targets[*].expr"))
			.allSatisfy((expressions) -> assertThat(expressions).isNotEmpty());
		Object alerts = new Yaml().load(Files.readString(Path.of("docs", "grafana", "etcd-lock-alerts.yml")));
		List<Map<String, Object>> rules = JsonPath.read(alerts, "$.groups[*].rules[*]");
		assertThat(rules).hasSizeGreaterThan(3)
			.allSatisfy((rule) -> assertThat(rule).containsKeys("alert", "expr", "labels", "annotations"));
	}

	@Test
	void scrapeWaitsForSilentQueuesOnceAndShowsTheOthers() {
		PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
		QueueMeters meters = new QueueMeters(registry);
		for (int i = 0; i < 20; i++) {
			meters.add(new MeteredQueue("fifo", "silent" + i, () -> 0, Map.of(), CompletableFuture::new),
					List.of("ready"));
		}
		meters.add(new MeteredQueue("fifo", "mail", () -> 0, Map.of(),
				() -> CompletableFuture.completedFuture(Map.of("ready", 7L))), List.of("ready"));
		long begin = System.nanoTime();
		assertThat(registry.scrape()).contains("queue=\"silent19\",state=\"ready\"} NaN",
				"queue=\"mail\",state=\"ready\"} 7.0");
		assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
	}

	@Test
	void queuesShowTheirDepthAndWhatBecameOfTheirDeliveries() {
		this.runner.run((context) -> {
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			EtcdRecipes recipes = context.getBean(LeaseManager.class).recipes(ValueFormat.textOnly());
			WorkQueue<String> orders = recipes.workQueue("orders", String.class,
					WorkQueueOptions.DEFAULTS.withMaxDeliveries(2));
			List.of("done", "again", "bad").forEach(orders::offer);
			orders.offer("later", Duration.ofHours(1));
			orders.receive(Duration.ofSeconds(5)).orElseThrow().ack();
			orders.receive(Duration.ofSeconds(5)).orElseThrow().nack(Duration.ofHours(1));
			orders.receive(Duration.ofSeconds(5)).orElseThrow().nack(Duration.ZERO);
			orders.receive(Duration.ofSeconds(5)).orElseThrow().nack(Duration.ZERO);
			recipes.queue("mail", String.class).offerAll(List.of("a", "b"));
			assertThat(recipes.queue("mail", String.class).poll()).contains("a");
			recipes.priorityQueue("mail", String.class).offer("c", 1);
			assertThat(deliveries(registry, "work", "orders")).isEqualTo(4);
			assertThat(deliveries(registry, "fifo", "mail")).isOne();
			assertThat(deliveries(registry, "priority", "mail")).isZero();
			assertThat(List.of("acknowledged", "returned", "dead", "lost")
				.stream()
				.map((outcome) -> registry.get("etcd.lock.queue.outcomes")
					.tags("queue", "orders", "outcome", outcome)
					.functionCounter()
					.count()))
				.containsExactly(1.0, 2.0, 1.0, 0.0);
			Awaitility.await().untilAsserted(() -> {
				assertThat(depth(registry, "work", "orders", "ready")).isZero();
				assertThat(depth(registry, "work", "orders", "delayed")).isEqualTo(2);
				assertThat(depth(registry, "work", "orders", "dead")).isOne();
				assertThat(depth(registry, "fifo", "mail", "ready")).isOne();
				assertThat(depth(registry, "priority", "mail", "ready")).isOne();
			});
		});
	}

	private static double deliveries(MeterRegistry registry, String kind, String queue) {
		return registry.get("etcd.lock.queue.deliveries").tags("kind", kind, "queue", queue).functionCounter().count();
	}

	private static double depth(MeterRegistry registry, String kind, String queue, String state) {
		return registry.get("etcd.lock.queue.depth").tags("kind", kind, "queue", queue, "state", state).gauge().value();
	}

	@Test
	void noMoreThanAHundredQueuesHaveMeters() {
		this.runner.run((context) -> {
			EtcdRecipes recipes = context.getBean(LeaseManager.class).recipes(ValueFormat.textOnly());
			for (int i = 0; i < 120; i++) {
				recipes.queue("customer-" + i, String.class);
			}
			recipes.workQueue("customer-0", String.class);
			assertThat(context.getBean(MeterRegistry.class).get("etcd.lock.queue.deliveries").functionCounters())
				.hasSize(100);
		});
	}

	@Test
	void locksOfThisProcessAreMeasuredWithoutEtcd() {
		this.runner.withPropertyValues("etcd-lock.enabled=false").run((context) -> {
			context.getBean(Orders.class).ship("4711");
			await(context.getBean(MeterRegistry.class), 1, "released", "order:#{#id}");
			assertThat(context).doesNotHaveBean(LockGauges.class);
		});
	}

	@Test
	void metersBackOffWithoutMicrometer() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(EtcdLockAutoConfiguration.class,
					EtcdLockMetricsAutoConfiguration.class, EtcdLockObservationAutoConfiguration.class))
			.withClassLoader(new FilteredClassLoader("io.micrometer"))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(LockTemplate.class)
				.doesNotHaveBean("etcdLockMeters")
				.doesNotHaveBean("etcdLockObservations"));
	}

	@Test
	void metersBackOffWithoutARegistry() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(EtcdLockAutoConfiguration.class,
					EtcdLockMetricsAutoConfiguration.class, EtcdLockObservationAutoConfiguration.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(LockMeters.class)
				.doesNotHaveBean(EtcdRequestTimer.class)
				.doesNotHaveBean(LockObservations.class));
	}

	@Test
	void metersAreSwitchedOffAsAnyOthers() {
		this.runner.withPropertyValues("management.metrics.enable.etcd.lock=false").run((context) -> {
			context.getBean(Orders.class).ship("4711");
			assertThat(context.getBean(MeterRegistry.class).getMeters()).extracting(Meter::getId)
				.noneMatch((id) -> id.getName().startsWith("etcd.lock"));
		});
	}

	static class Orders {

		@DistributedLock("order:#{#id}")
		public void ship(String id) {
		}

		@DistributedLock({ "order:#{#from}", "order:#{#to}" })
		public void swap(String from, String to) {
		}

	}

}
