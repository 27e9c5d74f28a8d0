package io.github.etcdlock.autoconfigure;

import javax.sql.DataSource;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.guard.EtcdGuard;
import io.github.etcdlock.guard.GuardOutcome;
import io.github.etcdlock.guard.JdbcFence;
import io.github.etcdlock.test.EtcdExtension;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/** Guards are there where what they guard is. */
class GuardAutoConfigurationTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private final ApplicationContextRunner runner = new ApplicationContextRunner().withConfiguration(AutoConfigurations
		.of(EtcdLockAutoConfiguration.class, EtcdGuardAutoConfiguration.class, JdbcFenceAutoConfiguration.class));

	@Test
	void etcdGuardWritesThroughTheEngine() {
		String prefix = etcd.freshPrefix();
		this.runner.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint(), "etcd-lock.key-prefix=" + prefix)
			.run((context) -> {
				try (LockHandle lock = context.getBean(LockTemplate.class).acquire("a")) {
					GuardOutcome outcome = context.getBean(EtcdGuard.class)
						.write(lock)
						.put(prefix + "-data", "1")
						.commit();
					assertThat(outcome).isEqualTo(GuardOutcome.COMMITTED);
				}
				assertThat(etcd.cluster().contents().under(prefix + "-data")).hasSize(1);
			});
		assertThat(etcd.cluster().contents().under(prefix + "/")).isEmpty();
	}

	@Test
	void etcdGuardRefusesAllWithoutEtcd() {
		this.runner.withPropertyValues("etcd-lock.enabled=false").run((context) -> {
			try (LockHandle lock = context.getBean(LockTemplate.class).acquire("a")) {
				assertThatIllegalStateException().isThrownBy(() -> context.getBean(EtcdGuard.class).write(lock))
					.withMessageContaining("etcd-lock.enabled=false");
			}
		});
	}

	@Test
	void fenceNeedsADatabase() {
		this.runner.withPropertyValues("etcd-lock.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(JdbcFence.class));
		withDatabase().run((context) -> assertThat(context).hasSingleBean(JdbcFence.class));
	}

	@Test
	void fenceNeedsSpringJdbc() {
		withDatabase().withClassLoader(new FilteredClassLoader(JdbcOperations.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(JdbcFence.class));
	}

	@Test
	void tableOfTheFenceCanBeNamed() {
		withDatabase().withPropertyValues("etcd-lock.fence.table=app.locks fence")
			.run((context) -> assertThat(context).getFailure().rootCause().hasMessageContaining("app.locks fence"));
		withDatabase().withPropertyValues("etcd-lock.fence.table=app.lock_fence")
			.run((context) -> assertThat(context).hasSingleBean(JdbcFence.class));
	}

	@Test
	void fenceOfTheApplicationReplacesOurs() {
		JdbcFence own = new JdbcFence(new JdbcTemplate());
		withDatabase().withBean(JdbcFence.class, () -> own)
			.run((context) -> assertThat(context.getBean(JdbcFence.class)).isSameAs(own));
	}

	private ApplicationContextRunner withDatabase() {
		return this.runner.withPropertyValues("etcd-lock.enabled=false")
			.withBean(DataSource.class, JdbcDataSource::new);
	}

}
