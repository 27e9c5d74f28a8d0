package io.github.etcdlock.autoconfigure;

import io.github.etcdlock.event.LockEvents;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;

/**
 * {@link org.springframework.boot.autoconfigure.EnableAutoConfiguration
 * Auto-configuration} for events about locks.
 */
@AutoConfiguration
public final class EtcdLockEventAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	LockEvents lockEvents(ApplicationEventPublisher publisher) {
		return new LockEvents(publisher);
	}

}
