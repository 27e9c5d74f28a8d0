package io.github.etcdlock.autoconfigure;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.etcd.EngineStatus;
import io.github.etcdlock.etcd.EngineStatus.SessionStatus;
import io.github.etcdlock.etcd.LeaseManager;
import io.github.etcdlock.metrics.LockGauges;
import io.github.etcdlock.metrics.LockLoad;
import io.github.etcdlock.metrics.LockMeters;
import io.github.etcdlock.metrics.QueueMeters;
import io.github.etcdlock.metrics.RequestMeters;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/**
 * {@link org.springframework.boot.autoconfigure.EnableAutoConfiguration
 * Auto-configuration} for meters of locks, where the application has a registry for them.
 */
@AutoConfiguration(after = EtcdLockAutoConfiguration.class,
		afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({ MeterRegistry.class, LockTemplate.class })
public final class EtcdLockMetricsAutoConfiguration {

	@Bean
	LockMeters etcdLockMeters(MeterRegistry registry, EtcdLockProperties properties) {
		return new LockMeters(registry, properties.waitTime());
	}

	@Bean
	EtcdRequestTimer etcdRequestTimer(MeterRegistry registry) {
		return new EtcdRequestTimer(new RequestMeters(registry)::record);
	}

	@Bean
	@ConditionalOnBean(LeaseManager.class)
	LockGauges etcdLockGauges(LeaseManager leaseManager) {
		return new LockGauges(() -> load(leaseManager.status().orTimeout(1, TimeUnit.SECONDS).join()));
	}

	@Bean
	@ConditionalOnBean(LeaseManager.class)
	QueueMeters etcdQueueMeters(MeterRegistry registry, LeaseManager leaseManager) {
		QueueMeters meters = new QueueMeters(registry);
		leaseManager.whenQueueUsed((use) -> MeteredQueues.add(use, meters));
		return meters;
	}

	private static LockLoad load(EngineStatus status) {
		List<SessionStatus> sessions = status.sessions();
		return new LockLoad(status.held(), status.waiting(), count(sessions, "ACTIVE"), count(sessions, "SUSPENDED"),
				sessions.stream().map(SessionStatus::provenFor).min(Comparator.<Duration>naturalOrder()).orElse(null));
	}

	private static int count(List<SessionStatus> sessions, String state) {
		return (int) sessions.stream().filter((session) -> session.state().equals(state)).count();
	}

}
