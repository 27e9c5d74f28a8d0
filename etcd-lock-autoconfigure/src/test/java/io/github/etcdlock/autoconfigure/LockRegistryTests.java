package io.github.etcdlock.autoconfigure;

import java.time.Duration;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.etcd.LeaseManager;
import io.github.etcdlock.etcd.LockLine;
import io.github.etcdlock.integration.EtcdLockRegistry;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.integration.leader.Context;
import org.springframework.integration.leader.DefaultCandidate;
import org.springframework.integration.support.leader.LockRegistryLeaderInitiator;
import org.springframework.integration.support.locks.DefaultLockRegistry;
import org.springframework.integration.support.locks.DistributedLock;
import org.springframework.integration.support.locks.LockRegistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/** The lock registry of Spring Integration: two contexts are two instances. */
class LockRegistryTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private final ExecutorService thread = Executors.newSingleThreadExecutor();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(EtcdLockAutoConfiguration.class, EtcdLockRegistryAutoConfiguration.class))
		.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint(), "etcd-lock.key-prefix=" + etcd.freshPrefix(),
				"etcd-lock.request-timeout=9s");

	@AfterEach
	void endThread() {
		this.thread.shutdownNow();
	}

	private <T> T elsewhere(Callable<T> code) throws Exception {
		return this.thread.submit(code).get(10, TimeUnit.SECONDS);
	}

	private static EtcdLockRegistry registry(ApplicationContext context) {
		return context.getBean(EtcdLockRegistry.class);
	}

	/** Takes the lock away, as an operator does. */
	private static void lose(ApplicationContext context, String key) throws Exception {
		LeaseManager manager = context.getBean(LeaseManager.class);
		LockLine.Place holder = manager.census().read(key).get(10, TimeUnit.SECONDS).places().get(0);
		assertThat(manager.forceRelease(holder.ownershipKey(), holder.revision()).get(10, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void lockIsOneForAllWhoObtainItAndForTheTemplate() {
		this.runner.run((context) -> this.runner.run((other) -> {
			DistributedLock lock = registry(context).obtain("order");
			lock.lock();
			assertThat(registry(context).obtain("order").tryLock()).isTrue();
			assertThat(elsewhere(() -> registry(context).obtain("order").tryLock())).isFalse();
			assertThat(registry(other).obtain("order").tryLock(50, TimeUnit.MILLISECONDS)).isFalse();
			assertThat(other.getBean(LockTemplate.class).tryAcquire("order")).isEmpty();
			lock.unlock();
			assertThat(registry(other).obtain("order").tryLock()).isFalse();
			registry(context).obtain("order").unlock();
			assertThat(registry(other).obtain("order").tryLock()).isTrue();
			assertThat(elsewhere(() -> other.getBean(LockTemplate.class).tryAcquire("order"))).isEmpty();
			registry(other).obtain("order").unlock();
		}));
	}

	@Test
	void onlyItsOwnerUnlocksAndRenews() {
		this.runner.run((context) -> {
			DistributedLock lock = registry(context).obtain("a");
			assertThatIllegalStateException().isThrownBy(() -> registry(context).renewLock("a"))
				.withMessageContaining("does not hold the lock \"a\"");
			lock.lock();
			registry(context).renewLock("a");
			registry(context).renewLock("a", Duration.ofMinutes(1));
			elsewhere(() -> assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(lock::unlock)
				.withMessageContaining("does not hold the lock \"a\""));
			elsewhere(() -> assertThatIllegalStateException().isThrownBy(() -> registry(context).renewLock("a")));
			assertThat(lock).hasToString("Lock[\"a\", held by this thread]");
			lock.unlock();
			assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(lock::unlock);
			assertThat(context.getBean(LockTemplate.class).tryAcquire("a")).hasValueSatisfying(LockHandle::close);
		});
	}

	@Test
	void lossIsSaidToTheOwnerWhoMayThenLockAgain() {
		this.runner.run((context) -> {
			DistributedLock lock = registry(context).obtain("a");
			lock.lock();
			lose(context, "a");
			await().pollInSameThread()
				.untilAsserted(() -> assertThatExceptionOfType(ConcurrentModificationException.class)
					.isThrownBy(() -> registry(context).renewLock("a")));
			assertThatExceptionOfType(LockLostException.class).isThrownBy(lock::tryLock);
			assertThatExceptionOfType(ConcurrentModificationException.class).isThrownBy(lock::unlock)
				.withMessageContaining("was lost")
				.withCauseInstanceOf(LockLostException.class);
			assertThat(lock.tryLock()).isTrue();
			lock.unlock();
		});
	}

	@Test
	void waitingEndsWithTheTimeAndWithAnInterrupt() {
		this.runner.run((context) -> {
			DistributedLock lock = registry(context).obtain("a");
			try (LockHandle held = context.getBean(LockTemplate.class).acquire("a")) {
				assertThat(lock.tryLock(Duration.ofMillis(20), Duration.ofSeconds(5))).isFalse();
				assertThatExceptionOfType(TimeoutException.class)
					.isThrownBy(() -> registry(context).executeLocked("a", Duration.ofMillis(20), held::revision));
				Future<?> waiting = this.thread.submit(() -> {
					assertThatExceptionOfType(InterruptedException.class).isThrownBy(lock::lockInterruptibly);
					return null;
				});
				LeaseManager manager = context.getBean(LeaseManager.class);
				await().until(() -> manager.status().join().waiting() == 1);
				this.thread.shutdownNow();
				waiting.get(10, TimeUnit.SECONDS);
				await().until(() -> manager.status().join().waiting() == 0);
			}
		});
	}

	@Test
	void timeToLiveIsThatOfADeadHolder() {
		this.runner.run((context) -> {
			DistributedLock lock = registry(context).obtain("a");
			lock.lock(Duration.ofMillis(2500));
			LeaseManager manager = context.getBean(LeaseManager.class);
			assertThat(manager.status().join().sessions()).singleElement()
				.satisfies((session) -> assertThat(session.ttl()).hasSeconds(3));
			assertThat(lock.tryLock(Duration.ZERO, Duration.ofSeconds(60))).isTrue();
			lock.unlock();
			lock.unlock();
			assertThat(registry(context).<Boolean, RuntimeException>executeLocked("b", () -> true)).isTrue();
			assertThatIllegalArgumentException().isThrownBy(() -> lock.lock(Duration.ZERO))
				.withMessageContaining("more than zero");
			assertThatIllegalArgumentException().isThrownBy(() -> registry(context).obtain(7))
				.withMessageContaining("must be a string");
			assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(lock::newCondition);
		});
	}

	@Test
	void leadershipMovesWhenTheLeadersContextCloses() {
		this.runner.withUserConfiguration(Leading.class).run((leader) -> {
			Leading first = leader.getBean(Leading.class);
			await().until(first::leads);
			this.runner.withUserConfiguration(Leading.class).run((context) -> {
				Leading second = context.getBean(Leading.class);
				assertThat(second.leads()).isFalse();
				leader.getSourceApplicationContext(ConfigurableApplicationContext.class).close();
				await().until(second::leads);
				await().until(() -> first.events.equals(List.of(true, false)));
			});
		});
	}

	@Test
	void leaderThatLostItsLockLeadsNoLonger() {
		this.runner.withUserConfiguration(Leading.class).run((context) -> {
			Leading leading = context.getBean(Leading.class);
			await().until(leading::leads);
			lose(context, "leader");
			await().until(() -> leading.events.equals(List.of(true, false, true)));
		});
	}

	@Test
	void registryWorksWithinThisProcessWithoutEtcd() {
		this.runner.withPropertyValues("etcd-lock.enabled=false").run((context) -> {
			DistributedLock lock = registry(context).obtain("a");
			lock.lock();
			assertThat(elsewhere(() -> lock.tryLock())).isFalse();
			lock.unlock();
		});
	}

	@Test
	void registryBacksOff() {
		this.runner.withBean(DefaultLockRegistry.class)
			.run((context) -> assertThat(context).hasSingleBean(LockRegistry.class)
				.doesNotHaveBean(EtcdLockRegistry.class));
		this.runner.withClassLoader(new FilteredClassLoader("org.springframework.integration"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("etcdLockRegistry"));
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(EtcdLockRegistryAutoConfiguration.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(LockRegistry.class));
	}

	@Configuration(proxyBeanMethods = false)
	static class Leading {

		private final List<Boolean> events = new CopyOnWriteArrayList<>();

		@Bean
		LockRegistryLeaderInitiator initiator(LockRegistry<?> locks) {
			LockRegistryLeaderInitiator initiator = new LockRegistryLeaderInitiator(locks, candidate());
			initiator.setHeartBeatMillis(50);
			return initiator;
		}

		/** Told also while its context closes, when there are no events any more. */
		private DefaultCandidate candidate() {
			return new DefaultCandidate("test", "leader") {

				@Override
				public void onGranted(Context context) {
					Leading.this.events.add(true);
				}

				@Override
				public void onRevoked(Context context) {
					Leading.this.events.add(false);
				}

			};
		}

		boolean leads() {
			return !this.events.isEmpty() && this.events.get(this.events.size() - 1);
		}

	}

}
