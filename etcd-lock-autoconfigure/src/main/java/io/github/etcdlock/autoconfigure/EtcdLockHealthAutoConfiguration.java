package io.github.etcdlock.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.etcd.LeaseManager;
import io.github.etcdlock.etcd.MemberStatus;
import io.github.etcdlock.health.EtcdLockHealthIndicator;
import io.github.etcdlock.health.EtcdReport;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/**
 * {@link org.springframework.boot.autoconfigure.EnableAutoConfiguration
 * Auto-configuration} for the health of etcd, as far as locks need it.
 */
@AutoConfiguration(after = EtcdLockAutoConfiguration.class)
@ConditionalOnClass({ HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnBean(LeaseManager.class)
public final class EtcdLockHealthAutoConfiguration {

	private static final Duration PATIENCE = Duration.ofMillis(500);

	@Bean
	@ConditionalOnEnabledHealthIndicator("etcd-lock")
	@ConditionalOnMissingBean(name = "etcdLockHealthIndicator")
	EtcdLockHealthIndicator etcdLockHealthIndicator(LeaseManager leaseManager, EtcdLockProperties properties) {
		return new EtcdLockHealthIndicator(leaseManager::probeAsync, () -> report(leaseManager), properties.ttl());
	}

	private static EtcdReport report(LeaseManager leaseManager) {
		CompletableFuture<List<MemberStatus>> members = leaseManager.members(PATIENCE)
			.completeOnTimeout(List.of(), PATIENCE.multipliedBy(3).dividedBy(2).toMillis(), TimeUnit.MILLISECONDS);
		List<EtcdReport.Session> sessions = leaseManager.status()
			.orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
			.join()
			.sessions()
			.stream()
			.map((session) -> new EtcdReport.Session(session.state(), session.ttl(), session.provenFor(),
					session.locks()))
			.toList();
		return new EtcdReport(members.join()
			.stream()
			.map((member) -> new EtcdReport.Member(member.endpoint(), member.version(), member.leader(), member.took(),
					member.problem()))
			.toList(), sessions);
	}

}
