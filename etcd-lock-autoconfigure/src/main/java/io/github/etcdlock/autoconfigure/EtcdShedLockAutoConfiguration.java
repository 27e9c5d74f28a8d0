package io.github.etcdlock.autoconfigure;

import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.integration.EtcdLockProvider;
import net.javacrumbs.shedlock.core.LockProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;

/**
 * {@link org.springframework.boot.autoconfigure.EnableAutoConfiguration
 * Auto-configuration} for the locks of ShedLock.
 */
@AutoConfiguration(after = EtcdLockAutoConfiguration.class)
@ConditionalOnClass(LockProvider.class)
@ConditionalOnSingleCandidate(LockTemplate.class)
public final class EtcdShedLockAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(LockProvider.class)
	EtcdLockProvider etcdLockProvider(LockTemplate template, EtcdLockProperties properties) {
		return new EtcdLockProvider(template, properties.ttl());
	}

}
