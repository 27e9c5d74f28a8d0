package io.github.etcdlock.autoconfigure;

import java.time.Duration;

import io.github.etcdlock.etcd.LeaseManager;
import io.github.etcdlock.guard.EtcdGuard;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * {@link org.springframework.boot.autoconfigure.EnableAutoConfiguration
 * Auto-configuration} for writes to etcd under a lock.
 */
@AutoConfiguration(after = EtcdLockAutoConfiguration.class)
public final class EtcdGuardAutoConfiguration {

	/** How long the fate of a write can be found out though etcd is out of reach. */
	private static final Duration REMEMBERED = Duration.ofHours(1);

	@Bean
	@ConditionalOnBean(LeaseManager.class)
	@ConditionalOnMissingBean
	EtcdGuard etcdGuard(LeaseManager leaseManager) {
		return new EtcdGuard(new EngineTransport(leaseManager.guardedTransactions(REMEMBERED)));
	}

	/** Refuses every lock: so that what injects it starts in unit tests. */
	@Bean
	@ConditionalOnBooleanProperty(name = "etcd-lock.enabled", havingValue = false)
	@ConditionalOnMissingBean
	EtcdGuard etcdGuardWithoutEtcd(EtcdLockProperties properties) {
		return new EtcdGuard(new NoTransport(properties.keyPrefix()));
	}

}
