package io.github.etcdlock.docs;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledExecutorService;

import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.integration.EtcdLockProvider;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.core.LockingTaskExecutor;
import net.javacrumbs.shedlock.support.KeepAliveLockProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.integration.support.leader.LockRegistryLeaderInitiator;
import org.springframework.integration.support.locks.LockRegistry;

/** What {@code docs/integrations.md} shows. */
@Configuration(proxyBeanMethods = false)
class Bridges {

	@Bean
	LockRegistryLeaderInitiator leaderInitiator(LockRegistry<?> locks) {
		return new LockRegistryLeaderInitiator(locks);
	}

	/** Those whose tasks take as long as they take. */
	@Configuration(proxyBeanMethods = false)
	static class KeepAlive {

		@Bean
		LockProvider lockProvider(LockTemplate template, ScheduledExecutorService scheduler) {
			return new KeepAliveLockProvider(new EtcdLockProvider(template, Duration.ofSeconds(30)), scheduler);
		}

	}

	static void report(LockingTaskExecutor executor, Runnable report) {
		executor.executeWithLock(report,
				new LockConfiguration(Instant.now(), "report", Duration.ofMinutes(10), Duration.ofMinutes(1)));
	}

}
