package io.github.etcdlock.autoconfigure;

import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.integration.EtcdLockRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.integration.support.locks.DistributedLock;
import org.springframework.integration.support.locks.LockRegistry;

/**
 * {@link org.springframework.boot.autoconfigure.EnableAutoConfiguration
 * Auto-configuration} for the lock registry of Spring Integration 7.
 */
@AutoConfiguration(after = EtcdLockAutoConfiguration.class)
@ConditionalOnClass({ LockRegistry.class, DistributedLock.class })
@ConditionalOnSingleCandidate(LockTemplate.class)
public final class EtcdLockRegistryAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(LockRegistry.class)
	EtcdLockRegistry etcdLockRegistry(LockTemplate template) {
		return new EtcdLockRegistry(template);
	}

}
