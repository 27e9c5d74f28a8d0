package io.github.etcdlock.autoconfigure;

import io.github.etcdlock.etcd.EnclosingTransaction;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * {@link org.springframework.boot.autoconfigure.EnableAutoConfiguration
 * Auto-configuration} for locks that are taken within a transaction of Spring.
 */
@AutoConfiguration
@ConditionalOnClass(TransactionSynchronizationManager.class)
public final class EtcdLockTransactionAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(EnclosingTransaction.class)
	SpringTransaction etcdLockEnclosingTransaction() {
		return new SpringTransaction();
	}

}
