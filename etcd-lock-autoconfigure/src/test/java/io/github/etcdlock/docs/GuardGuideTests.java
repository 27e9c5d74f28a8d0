package io.github.etcdlock.docs;

import javax.sql.DataSource;

import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.autoconfigure.EtcdGuardAutoConfiguration;
import io.github.etcdlock.autoconfigure.EtcdLockAopAutoConfiguration;
import io.github.etcdlock.autoconfigure.EtcdLockAutoConfiguration;
import io.github.etcdlock.autoconfigure.JdbcFenceAutoConfiguration;
import io.github.etcdlock.guard.GuardOutcome;
import io.github.etcdlock.guard.JdbcFence;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What the README shows of guards does what it says. */
class GuardGuideTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@Test
	void writesAreMadeByHoldersAndRefusedToFormerOnes() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class,
					DataSourceTransactionManagerAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
					EtcdLockAutoConfiguration.class, EtcdLockAopAutoConfiguration.class,
					EtcdGuardAutoConfiguration.class, JdbcFenceAutoConfiguration.class))
			.withUserConfiguration(Transactions.class)
			.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint(), "etcd-lock.key-prefix=" + etcd.freshPrefix(),
					"etcd-lock.request-timeout=10s")
			.withBean(Accounts.class)
			.withBean(Settings.class)
			.run((context) -> {
				DataSource dataSource = context.getBean(DataSource.class);
				new ResourceDatabasePopulator(new ClassPathResource("io/github/etcdlock/guard/schema-h2.sql"))
					.execute(dataSource);
				Accounts accounts = context.getBean(Accounts.class);
				accounts.withdraw("alice", 30, null);
				assertThat(accounts.balance("alice")).isEqualTo(70);
				new TransactionTemplate(new JdbcTransactionManager(dataSource))
					.executeWithoutResult((status) -> context.getBean(JdbcFence.class)
						.admit("account:alice", LockMode.EXCLUSIVE, Long.MAX_VALUE));
				assertThatExceptionOfType(LockLostException.class)
					.isThrownBy(() -> accounts.withdraw("alice", 30, null));
				assertThat(accounts.balance("alice")).isEqualTo(70);
				assertThat(context.getBean(Settings.class).publish("colour", "blue", null))
					.isEqualTo(GuardOutcome.COMMITTED);
				assertThat(etcd.cluster().contents().under("settings/colour")).hasSize(1);
			});
	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement(proxyTargetClass = true)
	static class Transactions {

	}

}
