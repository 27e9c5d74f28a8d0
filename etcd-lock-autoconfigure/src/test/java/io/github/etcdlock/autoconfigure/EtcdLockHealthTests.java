package io.github.etcdlock.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.health.EtcdLockHealthIndicator;
import io.github.etcdlock.health.EtcdReport;
import io.github.etcdlock.test.EtcdCluster;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroup;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.AvailabilityProbesAutoConfiguration;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration;
import org.springframework.boot.health.autoconfigure.application.AvailabilityHealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The health of a real etcd, and of none. */
class EtcdLockHealthTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(EtcdLockAutoConfiguration.class, EtcdLockHealthAutoConfiguration.class))
		.withPropertyValues("etcd-lock.request-timeout=300ms", "etcd-lock.ttl=2s");

	@Test
	void showsMembersLeaderSessionsAndLatency() {
		this.runner
			.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint(), "etcd-lock.key-prefix=" + etcd.freshPrefix(),
					"etcd-lock.ttl=30s", "etcd-lock.request-timeout=3s")
			.run((context) -> {
				context.getBean(LockTemplate.class).acquire("a");
				EtcdLockHealthIndicator indicator = context.getBean(EtcdLockHealthIndicator.class);
				await().untilAsserted(() -> {
					Health health = indicator.health();
					assertThat(health.getStatus()).isEqualTo(Status.UP);
					assertThat(health.getDetails()).containsKeys("latency", "leader", "members", "sessions");
					assertThat(health.getDetails().get("members").toString()).contains("endpoint=", "version=3.",
							"latency=", "leader=true");
					assertThat(health.getDetails().get("sessions").toString()).contains("state=ACTIVE", "locks=1");
				});
			});
	}

	@Test
	void silentEtcdIsWaitedOutForATtlAndDownThen() {
		this.runner.withPropertyValues("etcd-lock.endpoints=http://127.0.0.1:1").run((context) -> {
			EtcdLockHealthIndicator indicator = context.getBean(EtcdLockHealthIndicator.class);
			Health first = indicator.health();
			assertThat(first.getStatus()).isEqualTo(Status.UP);
			assertThat(first.getDetails()).containsKeys("problem", "silent");
			assertThat(first.getDetails().get("members").toString()).contains("endpoint=127.0.0.1:1", "problem=");
			await().until(() -> indicator.health().getStatus().equals(Status.DOWN));
		});
	}

	@Test
	void silenceCountsFromTheFirstQuestionWithoutAnAnswer() {
		Duration patience = Duration.ofSeconds(3);
		AtomicReference<CompletableFuture<Void>> answer = new AtomicReference<>(
				CompletableFuture.completedFuture(null));
		EtcdLockHealthIndicator indicator = new EtcdLockHealthIndicator(answer::get,
				() -> new EtcdReport(List.of(), List.of()), patience);
		assertThat(indicator.health().getStatus()).isEqualTo(Status.UP);
		await().pollDelay(patience).until(() -> true);
		answer.set(CompletableFuture.failedFuture(new LockUnavailableException("no leader", null)));
		assertThat(indicator.health().getStatus()).isEqualTo(Status.UP);
		assertThat(indicator.health().getDetails()).containsEntry("problem", "no leader");
		await().until(() -> indicator.health().getStatus().equals(Status.DOWN));
		answer.set(new CompletableFuture<>());
		assertThat(indicator.health().getStatus()).isEqualTo(Status.DOWN);
		answer.getAndSet(new CompletableFuture<>()).complete(null);
		Health late = indicator.health();
		assertThat(late.getStatus()).isEqualTo(Status.UP);
		assertThat(late.getDetails().get("problem").toString()).contains("has not answered within 500 ms");
	}

	@Test
	void checkReturnsBeforeAProbeGivesUpThoughAMemberIsFrozenOrMostAreDead() {
		try (EtcdCluster cluster = EtcdCluster.ofThree()) {
			this.runner
				.withPropertyValues("etcd-lock.endpoints=" + String.join(",", cluster.endpoints()),
						"etcd-lock.request-timeout=4s", "etcd-lock.ttl=12s")
				.run((context) -> {
					EtcdLockHealthIndicator indicator = context.getBean(EtcdLockHealthIndicator.class);
					await().until(() -> indicator.health().getDetails().containsKey("latency"));
					cluster.pause(0);
					await().untilAsserted(() -> {
						Health frozen = inTime(indicator);
						assertThat(frozen.getStatus()).isEqualTo(Status.UP);
						assertThat(frozen.getDetails().get("members").toString()).contains("problem=DEADLINE_EXCEEDED",
								"version=3.");
					});
					cluster.kill(1);
					await().untilAsserted(
							() -> assertThat(inTime(indicator).getDetails()).containsKeys("problem", "silent"));
					cluster.resume(0);
					await().atMost(Duration.ofSeconds(30))
						.untilAsserted(() -> assertThat(inTime(indicator).getDetails()).containsKey("latency"));
				});
		}
	}

	private static Health inTime(EtcdLockHealthIndicator indicator) {
		long begin = System.nanoTime();
		Health health = indicator.health();
		assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(2));
		return health;
	}

	@Test
	void memberThatRefusesToSayMoreIsReachable() {
		EtcdReport report = new EtcdReport(
				List.of(new EtcdReport.Member("etcd-1:2379", null, false, Duration.ofMillis(1), null)), List.of());
		Health health = new EtcdLockHealthIndicator(() -> CompletableFuture.completedFuture(null), () -> report,
				Duration.ZERO)
			.health();
		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(health.getDetails().get("members").toString()).contains("version=not told")
			.doesNotContain("problem");
	}

	@Test
	void backsOffWithoutHealthOnTheClassPath() {
		this.runner.withClassLoader(new FilteredClassLoader("org.springframework.boot.health"))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(LockTemplate.class)
				.doesNotHaveBean("etcdLockHealthIndicator"));
	}

	@Test
	void livenessIsUntouchedAndReadinessAsksForIt() {
		ApplicationContextRunner probes = this.runner
			.withConfiguration(AutoConfigurations.of(ApplicationAvailabilityAutoConfiguration.class,
					HealthContributorRegistryAutoConfiguration.class, HealthEndpointAutoConfiguration.class,
					AvailabilityHealthContributorAutoConfiguration.class, AvailabilityProbesAutoConfiguration.class))
			.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint(),
					"management.endpoints.web.exposure.include=health");
		probes.run((context) -> {
			assertThat(group(context, "liveness").isMember("etcdLock")).isFalse();
			assertThat(group(context, "readiness").isMember("etcdLock")).isFalse();
			assertThat(context.getBean(HealthEndpointGroups.class).getPrimary().isMember("etcdLock")).isTrue();
		});
		probes.withPropertyValues("management.endpoint.health.group.readiness.include=readinessState,etcdLock")
			.run((context) -> {
				assertThat(group(context, "liveness").isMember("etcdLock")).isFalse();
				assertThat(group(context, "readiness").isMember("etcdLock")).isTrue();
			});
	}

	private static HealthEndpointGroup group(ApplicationContext context, String name) {
		HealthEndpointGroup group = context.getBean(HealthEndpointGroups.class).get(name);
		assertThat(group).isNotNull();
		return group;
	}

	@Test
	void isSwitchedOffAsAnyOther() {
		this.runner.withPropertyValues("management.health.etcd-lock.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(EtcdLockHealthIndicator.class));
	}

	@Test
	void locksOfThisProcessHaveNoHealth() {
		this.runner.withPropertyValues("etcd-lock.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(EtcdLockHealthIndicator.class));
	}

}
