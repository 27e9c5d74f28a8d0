package io.github.etcdlock.autoconfigure;

import java.time.Duration;
import java.util.Map;

import io.github.etcdlock.LockRequest;
import io.github.etcdlock.actuate.EtcdLocksEndpoint;
import io.github.etcdlock.actuate.EtcdLocksEndpointWebExtension;
import io.github.etcdlock.actuate.Revocation;
import io.github.etcdlock.etcd.LeaseManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;

/**
 * {@link org.springframework.boot.autoconfigure.EnableAutoConfiguration
 * Auto-configuration} for the endpoint {@code etcdlocks}.
 */
@AutoConfiguration(after = EtcdLockAutoConfiguration.class)
@ConditionalOnClass({ Endpoint.class, ConditionalOnAvailableEndpoint.class })
@ConditionalOnBean(LeaseManager.class)
public final class EtcdLocksEndpointAutoConfiguration {

	private static final Logger logger = LoggerFactory.getLogger(EtcdLocksEndpointAutoConfiguration.class);

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnAvailableEndpoint(EtcdLocksEndpoint.class)
	EtcdLocksEndpoint etcdLocksEndpoint(LeaseManager leaseManager, ApplicationEventPublisher events) {
		return new EtcdLocksEndpoint(new EngineLocks(leaseManager, PATIENCE),
				(principal, revocation) -> audit(events, principal, revocation));
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnAvailableEndpoint(EtcdLocksEndpoint.class)
	EtcdLocksEndpointWebExtension etcdLocksEndpointWebExtension(EtcdLocksEndpoint endpoint) {
		return new EtcdLocksEndpointWebExtension(endpoint);
	}

	private static void audit(ApplicationEventPublisher events, String principal, Revocation revocation) {
		logger.warn("{} wanted to end the lock {} of the holder with token {}: {}", LockRequest.quote(principal),
				LockRequest.quote(revocation.key()), revocation.token(), revocation.outcome());
		events.publishEvent(new AuditApplicationEvent(new AuditEvent(principal, "ETCD_LOCK_END",
				Map.of("key", revocation.key(), "token", revocation.token(), "outcome", revocation.outcome().name()))));
	}

}
