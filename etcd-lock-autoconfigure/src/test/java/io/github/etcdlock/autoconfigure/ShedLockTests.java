package io.github.etcdlock.autoconfigure;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.etcd.LeaseManager;
import io.github.etcdlock.integration.EtcdLockProvider;
import io.github.etcdlock.test.EtcdExtension;
import net.javacrumbs.shedlock.core.DefaultLockingTaskExecutor;
import net.javacrumbs.shedlock.core.ExtensibleLockProvider;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.LockExtender;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.core.LockingTaskExecutor;
import net.javacrumbs.shedlock.core.SimpleLock;
import net.javacrumbs.shedlock.support.KeepAliveLockProvider;
import net.javacrumbs.shedlock.support.LockException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.timeout;

/**
 * What ShedLock asks of a provider. Its own suite for that could not be had as an
 * artifact; the statements are the same.
 */
class ShedLockTests {

	private static final Duration LONG = Duration.ofMinutes(5);

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(EtcdLockAutoConfiguration.class, EtcdShedLockAutoConfiguration.class))
		.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint(), "etcd-lock.key-prefix=" + etcd.freshPrefix(),
				"etcd-lock.request-timeout=9s");

	/** Two instances of an application. */
	private void run(Contract contract) {
		this.runner.run((context) -> this.runner.run(
				(other) -> contract.check(context.getBean(EtcdLockProvider.class), other.getBean(LockProvider.class))));
	}

	private static LockConfiguration task(Duration atMost, Duration atLeast) {
		return new LockConfiguration(Instant.now(), "task", atMost, atLeast);
	}

	private static SimpleLock lock(LockProvider provider, Duration atMost, Duration atLeast) {
		return provider.lock(task(atMost, atLeast)).orElseThrow();
	}

	private static boolean locked(LockProvider provider) {
		Optional<SimpleLock> lock = provider.lock(task(LONG, Duration.ZERO));
		lock.ifPresent(SimpleLock::unlock);
		return lock.isEmpty();
	}

	@Test
	void lockIsOneInstancesUntilItUnlocks() {
		run((mine, others) -> {
			for (int i = 0; i < 3; i++) {
				SimpleLock lock = lock(mine, LONG, Duration.ZERO);
				assertThat(locked(mine)).isTrue();
				assertThat(locked(others)).isTrue();
				lock.unlock();
				assertThat(locked(others)).isFalse();
				assertThatIllegalStateException().isThrownBy(lock::unlock);
			}
			SimpleLock lock = lock(mine, LONG, Duration.ZERO);
			LockConfiguration second = new LockConfiguration(Instant.now(), "another task", LONG, Duration.ZERO);
			others.lock(second).orElseThrow().unlock();
			lock.unlock();
		});
	}

	@Test
	void lockIsGivenUpWhenItsTimeIsOver() {
		run((mine, others) -> {
			SimpleLock lock = lock(mine, Duration.ofMillis(100), Duration.ZERO);
			await().until(() -> !locked(others));
			SimpleLock next = lock(others, LONG, Duration.ZERO);
			lock.unlock();
			assertThat(locked(mine)).isTrue();
			next.unlock();
		});
	}

	@Test
	void lockStaysForItsLeastTime() {
		run((mine, others) -> {
			long begin = System.nanoTime();
			lock(mine, LONG, Duration.ofSeconds(3)).unlock();
			assertThat(locked(others)).isTrue();
			await().pollInterval(Duration.ofMillis(10)).until(() -> !locked(others));
			assertThat(Duration.ofNanos(System.nanoTime() - begin)).isBetween(Duration.ofMillis(2990),
					Duration.ofSeconds(13));
		});
	}

	@Test
	void lockIsExtendedOnceAndTheNewOneUnlocks() {
		run((mine, others) -> {
			SimpleLock lock = lock(mine, Duration.ofSeconds(4), Duration.ZERO);
			SimpleLock extended = lock.extend(LONG, Duration.ZERO).orElseThrow();
			await().atMost(Duration.ofSeconds(20)).during(Duration.ofMillis(4200)).until(() -> locked(others));
			assertThatIllegalStateException().isThrownBy(lock::unlock);
			assertThatIllegalStateException().isThrownBy(() -> lock.extend(LONG, Duration.ZERO));
			extended.unlock();
			assertThat(locked(others)).isFalse();
			assertThatIllegalStateException().isThrownBy(() -> extended.extend(LONG, Duration.ZERO));
		});
	}

	@Test
	void extensionMayAskForALeastTime() {
		run((mine, others) -> {
			lock(mine, LONG, Duration.ZERO).extend(LONG, Duration.ofSeconds(3)).orElseThrow().unlock();
			assertThat(locked(others)).isTrue();
			await().until(() -> !locked(others));
		});
	}

	@Test
	void whatIsOverIsNotExtended() {
		run((mine, others) -> {
			SimpleLock lock = lock(mine, Duration.ofMillis(1), Duration.ZERO);
			await().until(() -> !locked(others));
			assertThat(lock.extend(LONG, Duration.ZERO)).isEmpty();
			assertThat(locked(others)).isFalse();
		});
	}

	/** As while the machine has slept and etcd has not answered since. */
	@Test
	void lockThatIsNotProvenWhenItIsToBeExtendedEndsAtItsTimeAllTheSame() throws InterruptedException {
		LockHandle unproven = mock(LockHandle.class);
		LockTemplate template = mock(LockTemplate.class);
		given(template.tryAcquire(any(LockRequest.class))).willReturn(Optional.of(unproven));
		SimpleLock lock = lock(new EtcdLockProvider(template, LONG), Duration.ofSeconds(3), Duration.ZERO);
		assertThat(lock.extend(LONG, Duration.ZERO)).isEmpty();
		then(unproven).should(never()).closeAsync();
		then(unproven).should(timeout(10_000)).closeAsync();
	}

	@Test
	void oneOfManyCountsAtATime() {
		run((mine, others) -> {
			int[] counter = { 0 };
			ExecutorService threads = Executors.newFixedThreadPool(4);
			try {
				for (Future<?> task : IntStream.range(0, 4)
					.mapToObj((i) -> threads.submit(() -> count((i % 2 == 0) ? mine : others, counter)))
					.toList()) {
					task.get(30, TimeUnit.SECONDS);
				}
			}
			finally {
				threads.shutdownNow();
			}
			assertThat(counter[0]).isEqualTo(4 * 10);
		});
	}

	/** Reads, and writes later: without a lock some of it is lost. */
	private static void count(LockProvider provider, int[] counter) {
		LockingTaskExecutor executor = new DefaultLockingTaskExecutor(provider);
		for (int done = 0; done < 10;) {
			int[] ran = { 0 };
			executor.executeWithLock((Runnable) () -> {
				int before = counter[0];
				Thread.yield();
				counter[0] = before + 1;
				ran[0] = 1;
			}, task(LONG, Duration.ZERO));
			done += ran[0];
		}
	}

	@Test
	void runningTaskExtendsItsLock() {
		run((mine, others) -> {
			new DefaultLockingTaskExecutor(mine).executeWithLock((Runnable) () -> {
				LockExtender.extendActiveLock(LONG, Duration.ZERO);
				await().atMost(Duration.ofSeconds(20)).during(Duration.ofMillis(4200)).until(() -> locked(others));
			}, task(Duration.ofSeconds(4), Duration.ZERO));
			assertThat(locked(others)).isFalse();
		});
	}

	@Test
	void keepAliveOfShedLockKeepsItWhileTheTaskRuns() {
		run((mine, others) -> {
			ScheduledThreadPoolExecutor hurried = new Hurried();
			try {
				SimpleLock lock = lock(new KeepAliveLockProvider(mine, hurried), Duration.ofSeconds(30), Duration.ZERO);
				await().until(() -> hurried.getCompletedTaskCount() >= 3);
				assertThat(locked(others)).isTrue();
				lock.unlock();
				assertThat(locked(others)).isFalse();
			}
			finally {
				hurried.shutdownNow();
			}
		});
	}

	@Test
	void deadHoldersLockIsFreeAfterItsTimeToLive() {
		this.runner.run((context) -> {
			EtcdLockProvider provider = context.getBean(EtcdLockProvider.class);
			LeaseManager manager = context.getBean(LeaseManager.class);
			assertTtl(provider, manager, Duration.ofSeconds(5), Duration.ofSeconds(1), 5);
			assertTtl(provider, manager, LONG, Duration.ZERO, 30);
			assertTtl(provider, manager, LONG, Duration.ofSeconds(60), 91);
			assertTtl(provider, manager, Duration.ofMillis(500), Duration.ZERO, 2);
		});
	}

	private static void assertTtl(EtcdLockProvider provider, LeaseManager manager, Duration atMost, Duration atLeast,
			int seconds) {
		assertThat(provider.lock(new LockConfiguration(Instant.now(), "ttl " + seconds, atMost, atLeast))).isPresent();
		assertThat(manager.status().join().sessions())
			.anySatisfy((session) -> assertThat(session.ttl()).hasSeconds(seconds));
	}

	@Test
	void taskDoesNotRunUnseenWhenEtcdIsDown() {
		this.runner
			.withPropertyValues("etcd-lock.endpoints=http://127.0.0.1:1", "etcd-lock.request-timeout=200ms",
					"etcd-lock.connect-timeout=100ms")
			.run((context) -> assertThatExceptionOfType(LockUnavailableException.class)
				.isThrownBy(() -> context.getBean(LockProvider.class).lock(task(LONG, Duration.ZERO))));
	}

	@Test
	void interruptIsKeptAndSaid() {
		run((mine, others) -> {
			Thread.currentThread().interrupt();
			assertThatExceptionOfType(LockException.class).isThrownBy(() -> mine.lock(task(LONG, Duration.ZERO)))
				.withMessageContaining("its task does not run");
			assertThat(Thread.interrupted()).isTrue();
			await().until(() -> !locked(others));
		});
	}

	@Test
	void keysAreThoseOfTheTemplate() {
		this.runner.withPropertyValues("etcd-lock.enabled=false").run((context) -> {
			LockProvider provider = context.getBean(LockProvider.class);
			try (LockHandle held = context.getBean(LockTemplate.class).acquire("task")) {
				assertThat(held.isHeld()).isTrue();
				assertThat(locked(provider)).isTrue();
			}
			assertThat(locked(provider)).isFalse();
		});
	}

	@Test
	void providerBacksOff() {
		LockProvider own = (configuration) -> Optional.empty();
		ContextConsumer<AssertableApplicationContext> absent = (context) -> assertThat(context).hasNotFailed()
			.doesNotHaveBean("etcdLockProvider");
		this.runner.withBean(LockProvider.class, () -> own).run(absent);
		this.runner.withClassLoader(new FilteredClassLoader("net.javacrumbs")).run(absent);
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(EtcdShedLockAutoConfiguration.class))
			.run(absent);
	}

	@FunctionalInterface
	private interface Contract {

		void check(ExtensibleLockProvider mine, LockProvider others) throws Exception;

	}

	/** Does in a tenth of a second what it should do in fifteen. */
	private static final class Hurried extends ScheduledThreadPoolExecutor {

		Hurried() {
			super(1);
		}

		@Override
		public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, long delay, long period, TimeUnit unit) {
			return super.scheduleAtFixedRate(task, delay / 150, period / 150, unit);
		}

	}

}
