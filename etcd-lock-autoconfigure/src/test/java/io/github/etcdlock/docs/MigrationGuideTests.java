package io.github.etcdlock.docs;

import java.util.concurrent.locks.ReentrantLock;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.autoconfigure.EtcdLeaderAutoConfiguration;
import io.github.etcdlock.autoconfigure.EtcdLockAopAutoConfiguration;
import io.github.etcdlock.autoconfigure.EtcdLockAutoConfiguration;
import io.github.etcdlock.autoconfigure.EtcdRecipesAutoConfiguration;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Our side of {@code docs/migration.md} does what the other side did. */
class MigrationGuideTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@Test
	void whatHasMovedLocksAsBefore() {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(EtcdLockAutoConfiguration.class, EtcdLockAopAutoConfiguration.class,
							EtcdRecipesAutoConfiguration.class, EtcdLeaderAutoConfiguration.class))
			.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint(), "etcd-lock.key-prefix=" + etcd.freshPrefix(),
					"etcd-lock.request-timeout=10s")
			.withBean(Moved.class)
			.run((context) -> {
				LockTemplate locks = context.getBean(LockTemplate.class);
				Moved moved = context.getBean(Moved.class);
				moved.ship("1");
				moved.shipByHand("2");
				moved.transfer("3", "4");
				try (LockHandle other = locks.acquire("acme:order:7")) {
					assertThat(other.isHeld()).isTrue();
					assertThat(moved.bill("acme", "7")).isEqualTo("try again later");
				}
				assertThat(moved.bill("acme", "7")).isEqualTo("billed");
				assertThat(moved.packed()).containsExactly("1", "2", "3", "4", "7");
				moved.report();
				moved.report();
				assertThat(moved.packed()).hasSize(6);
				await().until(() -> {
					moved.reportIfLeader();
					return moved.packed().size() > 6;
				});
				ReentrantLock old = new ReentrantLock();
				assertThat(moved.<Boolean>underBoth(old, "order:1",
						() -> old.isHeldByCurrentThread() && locks.requireHeld("order:1").isHeld()))
					.isTrue();
				assertThat(old.isLocked()).isFalse();
			});
	}

}
