package io.github.etcdlock.autoconfigure;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.etcd.LeaseManager;
import io.github.etcdlock.event.LockEvents;
import io.github.etcdlock.event.LockLostEvent;
import io.github.etcdlock.test.EtcdExtension;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;

/** Losses of locks reach the application's event listeners. */
class LockEventsTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private final ApplicationContextRunner runner = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(EtcdLockAutoConfiguration.class, EtcdLockEventAutoConfiguration.class));

	@Test
	void everyLossIsPublishedInOrderOnAThreadOfOurs() {
		this.runner
			.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint(), "etcd-lock.key-prefix=" + etcd.freshPrefix())
			.withBean(Witness.class)
			.run((context) -> {
				LockTemplate locks = context.getBean(LockTemplate.class);
				Witness witness = context.getBean(Witness.class);
				for (String key : List.of("a", "b", "c")) {
					LockHandle lock = locks.acquire(key);
					context.getBean(LeaseManager.class)
						.forceRelease(lock.ownershipKeys().get(0), lock.revision())
						.join();
					Awaitility.await().until(() -> !lock.isHeld());
				}
				locks.acquire("kept").close();
				Awaitility.await().until(() -> witness.lost.size() == 3);
				assertThat(witness.lost).containsExactly("a", "b", "c");
				assertThat(witness.threads).allMatch((thread) -> thread.startsWith("etcd-lock-callback"));
			});
	}

	@Test
	void eventsOfTheApplicationsOwnReplaceOurs() {
		LockEvents own = new LockEvents((event) -> {
		});
		this.runner.withPropertyValues("etcd-lock.enabled=false")
			.withBean("own", LockEvents.class, () -> own)
			.run((context) -> assertThat(context.getBean(LockEvents.class)).isSameAs(own));
	}

	static class Witness {

		private final List<String> lost = new CopyOnWriteArrayList<>();

		private final List<String> threads = new CopyOnWriteArrayList<>();

		@EventListener
		void lost(LockLostEvent event) {
			assertThat(event.lock().isHeld()).isFalse();
			assertThat(event.fencingToken()).isPositive();
			this.threads.add(Thread.currentThread().getName());
			this.lost.addAll(event.keys());
		}

	}

}
