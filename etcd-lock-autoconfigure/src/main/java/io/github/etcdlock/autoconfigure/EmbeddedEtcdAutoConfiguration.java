package io.github.etcdlock.autoconfigure;

import java.util.List;

import io.github.etcdlock.embedded.EmbeddedEtcd;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * {@link org.springframework.boot.autoconfigure.EnableAutoConfiguration
 * Auto-configuration} for an etcd process of the application's own, in development and
 * tests.
 */
@AutoConfiguration(before = EtcdLockAutoConfiguration.class)
@ConditionalOnBooleanProperty("etcd-lock.embedded.enabled")
@ConditionalOnBooleanProperty(name = "etcd-lock.enabled", matchIfMissing = true)
@ConditionalOnMissingBean(EtcdConnectionDetails.class)
@EnableConfigurationProperties(EtcdLockProperties.class)
public final class EmbeddedEtcdAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	EmbeddedEtcd embeddedEtcd(EtcdLockProperties properties) {
		EtcdLockProperties.Embedded embedded = properties.embedded();
		if (embedded.port() < 0 || embedded.port() > 0xFFFF) {
			throw new InvalidEtcdLockPropertyException("embedded.port", embedded.port(), "is no port",
					"Use a number from 1 to 65535, or 0 for a free port.");
		}
		return EmbeddedEtcd.builder()
			.binary(embedded.binary())
			.port(embedded.port())
			.dataDir(embedded.dataDir())
			.start();
	}

	@Bean
	EtcdConnectionDetails embeddedEtcdConnectionDetails(EmbeddedEtcd etcd) {
		return new EmbeddedEtcdConnectionDetails(etcd.endpoint());
	}

	private record EmbeddedEtcdConnectionDetails(String endpoint) implements EtcdConnectionDetails {

		@Override
		public List<String> getEndpoints() {
			return List.of(this.endpoint);
		}

	}

}
