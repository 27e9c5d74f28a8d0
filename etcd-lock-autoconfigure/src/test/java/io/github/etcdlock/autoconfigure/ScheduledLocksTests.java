package io.github.etcdlock.autoconfigure;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.OnBusy;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The same schedule in two applications whose clocks differ. */
class ScheduledLocksTests {

	private static final long PERIOD = 3000;

	private static final long SKEW = 400;

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private final Queue<Long> kept = new ConcurrentLinkedQueue<>();

	private final Queue<Long> released = new ConcurrentLinkedQueue<>();

	@Test
	void oneRunPerTickThoughClocksDiffer() {
		String prefix = etcd.freshPrefix();
		application(prefix, Clock.systemUTC())
			.run((one) -> application(prefix, Clock.offset(Clock.systemUTC(), Duration.ofMillis(SKEW))).run((ahead) -> {
				// A tick for which both schedules are there in time.
				long begin = System.currentTimeMillis() / PERIOD * PERIOD + 2 * PERIOD - 2 * SKEW;
				long end = begin + 2 * PERIOD;
				await().atMost(Duration.ofSeconds(30)).until(() -> System.currentTimeMillis() > end);
				List<Long> ticks = List.of(begin / PERIOD + 1, begin / PERIOD + 2);
				assertThat(ticks(this.kept, begin, end)).containsExactlyElementsOf(ticks);
				assertThat(ticks(this.released, begin, end)).hasSizeGreaterThan(2).containsAll(ticks);
			}));
	}

	/** The ticks of the runs within that time; the clock that is ahead runs before. */
	private static List<Long> ticks(Queue<Long> runs, long begin, long end) {
		return runs.stream()
			.filter((time) -> time >= begin && time < end)
			.map((time) -> Math.floorDiv(time + 2 * SKEW, PERIOD))
			.collect(Collectors.toList());
	}

	private ApplicationContextRunner application(String prefix, Clock clock) {
		return new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(EtcdLockAutoConfiguration.class, EtcdLockAopAutoConfiguration.class))
			.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint(), "etcd-lock.key-prefix=" + prefix,
					"etcd-lock.request-timeout=10s")
			.withBean(Clock.class, () -> clock)
			.withBean(Jobs.class, () -> new Jobs(this.kept, this.released))
			.withUserConfiguration(Scheduling.class);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableScheduling
	static class Scheduling {

		@Bean
		ThreadPoolTaskScheduler taskScheduler(Clock clock) {
			ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
			scheduler.setPoolSize(2);
			scheduler.setClock(clock);
			return scheduler;
		}

	}

	static class Jobs {

		private final Queue<Long> kept;

		private final Queue<Long> released;

		Jobs(Queue<Long> kept, Queue<Long> released) {
			this.kept = kept;
			this.released = released;
		}

		@Scheduled(cron = "*/3 * * * * *")
		@DistributedLock(key = "kept", onBusy = OnBusy.SKIP, holdAtLeast = "2s")
		public void keep() {
			this.kept.add(System.currentTimeMillis());
		}

		/** What would happen otherwise. */
		@Scheduled(cron = "*/3 * * * * *")
		@DistributedLock(key = "released", onBusy = OnBusy.SKIP)
		public void release() {
			this.released.add(System.currentTimeMillis());
		}

	}

}
