package io.github.etcdlock.autoconfigure;

import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/**
 * {@link org.springframework.boot.autoconfigure.EnableAutoConfiguration
 * Auto-configuration} for what the actuator shows of locks.
 */
@AutoConfiguration
@ConditionalOnClass(SanitizingFunction.class)
public final class EtcdLockActuatorAutoConfiguration {

	/** Hides the password also where the application shows values to everybody. */
	@Bean
	SanitizingFunction etcdLockPasswordSanitizingFunction() {
		return SanitizingFunction.sanitizeValue().ifKeyMatches("^etcd[-_]?lock[._]password$");
	}

}
