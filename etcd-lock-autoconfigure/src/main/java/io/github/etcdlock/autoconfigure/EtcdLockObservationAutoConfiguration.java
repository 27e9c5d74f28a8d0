package io.github.etcdlock.autoconfigure;

import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.metrics.LockObservations;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/**
 * {@link org.springframework.boot.autoconfigure.EnableAutoConfiguration
 * Auto-configuration} for traces that show the wait for a lock, and how long it was held.
 */
@AutoConfiguration(after = EtcdLockAutoConfiguration.class,
		afterName = "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration")
@ConditionalOnClass(ObservationRegistry.class)
@ConditionalOnBean({ ObservationRegistry.class, LockTemplate.class })
public final class EtcdLockObservationAutoConfiguration {

	@Bean
	LockObservations etcdLockObservations(ObservationRegistry registry, EtcdLockProperties properties) {
		return new LockObservations(registry, properties.waitTime());
	}

	@Bean
	LockTemplateDecorator observedLockTemplate(LockObservations observations) {
		return observations::observe;
	}

}
