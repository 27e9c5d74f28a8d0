package io.github.etcdlock.autoconfigure;

import java.util.List;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.github.etcdlock.LockListener;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.etcd.EnclosingTransaction;
import io.github.etcdlock.etcd.InProcessLocks;
import io.github.etcdlock.etcd.LeaseManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;

/**
 * {@link org.springframework.boot.autoconfigure.EnableAutoConfiguration
 * Auto-configuration} for distributed locks on etcd.
 */
@AutoConfiguration(after = SslAutoConfiguration.class)
@EnableConfigurationProperties(EtcdLockProperties.class)
public final class EtcdLockAutoConfiguration {

	@Bean
	static UnitRequired etcdLockUnitRequired(Environment environment) {
		return new UnitRequired(environment);
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBooleanProperty(name = "etcd-lock.enabled", matchIfMissing = true)
	static class EtcdConfiguration {

		@Bean
		@ConditionalOnMissingBean(EtcdConnectionDetails.class)
		PropertiesEtcdConnectionDetails etcdConnectionDetails(EtcdLockProperties properties,
				ObjectProvider<SslBundles> bundles) {
			return new PropertiesEtcdConnectionDetails(properties, bundles.getIfAvailable());
		}

		@Bean
		EtcdLink etcdLink(EtcdConnectionDetails details, EtcdLockProperties properties) {
			return new EtcdLink(details, properties.connectTimeout());
		}

		@Bean
		@ConditionalOnMissingBean
		LeaseManager etcdLeaseManager(EtcdLink link, EtcdLockProperties properties, Environment environment,
				ObjectProvider<LockListener> listeners, ObjectProvider<EnclosingTransaction> transaction,
				ObjectProvider<EtcdRequestTimer> requestTimer) {
			String application = environment.getProperty("spring.application.name", "application");
			return new LeaseManager(link.connection(), LockSettingsReader.read(properties, application),
					listeners.orderedStream().toList(), transaction.getIfAvailable(() -> EnclosingTransaction.NONE),
					List.copyOf(requestTimer.stream().toList()));
		}

		@Bean
		@ConditionalOnMissingBean
		LockTemplate lockTemplate(LeaseManager leaseManager, ObjectProvider<LockTemplateDecorator> decorators) {
			return LockTemplateDecorator.decorate(leaseManager.lockTemplate(), decorators);
		}

		@Bean
		EtcdLockLifecycle etcdLockLifecycle(ApplicationContext context, LeaseManager leaseManager, EtcdLink link,
				EtcdLockProperties properties) {
			EtcdProbe probe = new EtcdProbe(leaseManager, link.target(properties.keyPrefix()), properties.failFast());
			return new EtcdLockLifecycle(context, leaseManager, probe);
		}

		@Bean
		EtcdTlsReload etcdTlsReload(EtcdConnectionDetails details, EtcdLink link, LeaseManager leaseManager,
				ObjectProvider<SslBundles> bundles) {
			return new EtcdTlsReload(details, link, leaseManager, bundles.getIfAvailable());
		}

		@Bean
		@Lazy
		@ConditionalOnMissingBean
		Client etcdClient(EtcdLink link, ObjectProvider<EtcdClientBuilderCustomizer> customizers) {
			ClientBuilder builder = link.clientBuilder();
			customizers.orderedStream().forEach((customizer) -> customizer.customize(builder));
			return builder.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBooleanProperty(name = "etcd-lock.enabled", havingValue = false)
	static class InProcessConfiguration {

		private static final Logger logger = LoggerFactory.getLogger(EtcdLockAutoConfiguration.class);

		@Bean
		@ConditionalOnMissingBean(LockTemplate.class)
		InProcessLocks inProcessLocks(EtcdLockProperties properties, ObjectProvider<LockListener> listeners,
				ObjectProvider<EnclosingTransaction> transaction) {
			LockSettingsReader.checkWaitTime(properties.waitTime());
			logger.warn("etcd-lock.enabled=false: locks work within this process only, "
					+ "nothing is locked against other instances");
			return new InProcessLocks(properties.waitTime(), listeners.orderedStream().toList(),
					transaction.getIfAvailable(() -> EnclosingTransaction.NONE));
		}

		@Bean
		@ConditionalOnMissingBean
		LockTemplate lockTemplate(InProcessLocks locks, ObjectProvider<LockTemplateDecorator> decorators) {
			return LockTemplateDecorator.decorate(locks.lockTemplate(), decorators);
		}

	}

}
