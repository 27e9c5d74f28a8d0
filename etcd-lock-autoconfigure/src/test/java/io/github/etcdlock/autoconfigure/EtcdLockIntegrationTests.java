package io.github.etcdlock.autoconfigure;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.options.DeleteOption;
import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.OnBusy;
import io.github.etcdlock.OnLoss;
import io.github.etcdlock.embedded.EmbeddedEtcd;
import io.github.etcdlock.test.EtcdExtension;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/** The starter as applications use it, on a real etcd. */
class EtcdLockIntegrationTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private String prefix;

	private ApplicationContextRunner runner;

	@BeforeEach
	void prepare() {
		this.prefix = etcd.freshPrefix();
		this.runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, AopAutoConfiguration.class,
					EmbeddedEtcdAutoConfiguration.class, EtcdLockAutoConfiguration.class,
					EtcdLockAopAutoConfiguration.class))
			.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint(), "etcd-lock.key-prefix=" + this.prefix + "/",
					"etcd-lock.fail-fast=true", "etcd-lock.request-timeout=10s")
			.withBean(Jobs.class);
	}

	@Test
	void twoApplicationsExcludeEachOther() {
		this.runner.run((one) -> this.runner.run((other) -> {
			CountDownLatch inside = new CountDownLatch(1);
			CountDownLatch leave = new CountDownLatch(1);
			CompletableFuture<Void> holder = CompletableFuture
				.runAsync(() -> one.getBean(Jobs.class).hold("a", inside, leave));
			assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
			Jobs jobs = other.getBean(Jobs.class);
			assertThat(jobs.skip("a")).isNull();
			assertThat(jobs.reserve("a")).isEqualTo("busy a");
			assertThat(jobs.skip("b")).isEqualTo("ran");
			assertThatExceptionOfType(LockNotAcquiredException.class).isThrownBy(() -> jobs.shortWait("a"));
			leave.countDown();
			holder.get(30, TimeUnit.SECONDS);
			assertThat(jobs.skip("a")).isEqualTo("ran");
		}));
	}

	/** Spring Boot 3.5 has neither: the profile boot-3.5 runs this, too. */
	@Test
	void healthAndMetricsAreThereWhereThisSpringBootHasThem() {
		this.runner.withUserConfiguration(Everything.class)
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(LockTemplate.class)
				.matches((beans) -> beans.containsBean("etcdLockHealthIndicator") == has(
						"org.springframework.boot.health.contributor.HealthIndicator"), "health")
				.matches(
						(beans) -> beans.containsBean("etcdLockMeters") == has(
								"org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration"),
						"metrics"));
	}

	private static boolean has(String type) {
		return ClassUtils.isPresent(type, null);
	}

	@Test
	void nothingIsLeftBehind() {
		this.runner.run((context) -> {
			context.getBean(Jobs.class).skip("a");
			assertThat(etcd.cluster().contents().under(this.prefix)).isNotEmpty();
		});
		assertThat(etcd.cluster().contents().under(this.prefix)).isEmpty();
	}

	@Test
	void nestedMethodsOfOneKeyJoin() {
		this.runner.withBean(Outer.class)
			.run((context) -> assertThat(context.getBean(Outer.class).outer("a")).isEqualTo("ran"));
	}

	@Test
	void stageHoldsTheLockUntilItCompletes() {
		this.runner.run((context) -> {
			Jobs jobs = context.getBean(Jobs.class);
			CompletableFuture<String> work = new CompletableFuture<>();
			CompletableFuture<String> result = jobs.later("a", work);
			assertThat(jobs.skip("a")).isNull();
			work.complete("done");
			assertThat(result.get(30, TimeUnit.SECONDS)).isEqualTo("done");
			assertThat(jobs.skip("a")).isEqualTo("ran");
		});
	}

	@Test
	void stageWhoseKeyIsDeletedFailsWithTheLoss() {
		this.runner.run((context) -> {
			CompletableFuture<String> work = new CompletableFuture<>();
			CompletableFuture<String> result = context.getBean(Jobs.class).later("a", work);
			deleteKeysOf(context.getBean(Client.class), "a");
			work.complete("done");
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> result.get(30, TimeUnit.SECONDS))
				.withCauseInstanceOf(LockLostException.class);
		});
	}

	@Test
	void lossInterruptsTheMethod() {
		this.runner.run((context) -> {
			CountDownLatch inside = new CountDownLatch(1);
			CompletableFuture<Throwable> outcome = new CompletableFuture<>();
			Thread thread = new Thread(() -> {
				try {
					context.getBean(Jobs.class).sleep("a", inside);
				}
				catch (Throwable ex) {
					outcome.complete(ex);
				}
			});
			thread.start();
			assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
			deleteKeysOf(context.getBean(Client.class), "a");
			assertThat(outcome.get(30, TimeUnit.SECONDS)).isInstanceOf(LockLostException.class)
				.hasCauseInstanceOf(InterruptedException.class);
			thread.join();
		});
	}

	@Test
	void shutdownReleasesLocksAfterTheApplicationsOwnWorkHasEnded() {
		Draining draining = new Draining();
		this.runner.withBean(Draining.class, () -> draining).run((context) -> {
			draining.template = context.getBean(LockTemplate.class);
			LockHandle forgotten = draining.template.acquire("forgotten");
			context.close();
			assertThat(draining.lockedWhileStopping).isTrue();
			assertThat(forgotten.isHeld()).isFalse();
			assertThatIllegalStateException().isThrownBy(() -> draining.template.acquire("a"));
		});
		assertThat(etcd.cluster().contents().under(this.prefix)).isEmpty();
	}

	@Test
	void shutdownEndsThoseWhoWait() {
		this.runner.run((context) -> {
			LockTemplate template = context.getBean(LockTemplate.class);
			LockHandle held = template.acquire("a");
			CompletableFuture<LockHandle> waiter = template
				.acquireAsync(LockRequest.of("a").waitingUpTo(Duration.ofMinutes(1)));
			context.close();
			Awaitility.await().until(waiter::isDone);
			assertThat(waiter).isCompletedExceptionally();
			assertThat(held.isHeld()).isFalse();
		});
	}

	@Test
	void jetcdClientReachesTheSameEtcd() {
		this.runner.run((context) -> {
			ByteSequence key = bytes(this.prefix + "-client");
			Client client = context.getBean(Client.class);
			client.getKVClient().put(key, bytes("x")).get(30, TimeUnit.SECONDS);
			assertThat(client.getKVClient().get(key).get(30, TimeUnit.SECONDS).getCount()).isOne();
			client.getKVClient().delete(key).get(30, TimeUnit.SECONDS);
		});
	}

	@Test
	void embeddedEtcdStartsAndEndsWithTheApplication() {
		ProcessHandle[] process = new ProcessHandle[1];
		this.runner.withPropertyValues("etcd-lock.embedded.enabled=true", "etcd-lock.endpoints=http://127.0.0.1:1")
			.run((context) -> {
				EmbeddedEtcd embedded = context.getBean(EmbeddedEtcd.class);
				process[0] = ProcessHandle.of(embedded.pid()).orElseThrow();
				assertThat(context.getBean(EtcdConnectionDetails.class).getEndpoints())
					.containsExactly(embedded.endpoint());
				assertThat(context.getBean(Jobs.class).skip("a")).isEqualTo("ran");
			});
		Awaitility.await().until(() -> !process[0].isAlive());
	}

	@Test
	void embeddedEtcdBacksOffWhereTheConnectionIsGiven() {
		this.runner.withPropertyValues("etcd-lock.embedded.enabled=true")
			.withBean(EtcdConnectionDetails.class, () -> () -> List.of(etcd.endpoint()))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(EmbeddedEtcd.class));
	}

	private void deleteKeysOf(Client client, String name) throws Exception {
		ByteSequence line = bytes(this.prefix + "/" + name + "/");
		client.getKVClient().delete(line, DeleteOption.builder().isPrefix(true).build()).get(30, TimeUnit.SECONDS);
	}

	private static ByteSequence bytes(String text) {
		return ByteSequence.from(text, StandardCharsets.UTF_8);
	}

	static class Jobs {

		@DistributedLock("#{#key}")
		public void hold(String key, CountDownLatch inside, CountDownLatch leave) {
			inside.countDown();
			try {
				leave.await();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

		@DistributedLock(key = "#{#key}", onBusy = OnBusy.SKIP)
		public String skip(String key) {
			return "ran";
		}

		@DistributedLock(key = "#{#key}", waitTime = "0", fallback = "busy")
		public String reserve(String key) {
			return "ran";
		}

		String busy(String key, LockNotAcquiredException ex) {
			return "busy " + key;
		}

		@DistributedLock(key = "#{#key}", waitTime = "50ms")
		public void shortWait(String key) {
		}

		@DistributedLock("#{#key}")
		public CompletableFuture<String> later(String key, CompletableFuture<String> work) {
			return work;
		}

		@DistributedLock(key = "#{#key}", onLoss = OnLoss.INTERRUPT)
		public void sleep(String key, CountDownLatch inside) throws InterruptedException {
			inside.countDown();
			new CountDownLatch(1).await(60, TimeUnit.SECONDS);
		}

	}

	static class Outer {

		private final Jobs jobs;

		Outer(Jobs jobs) {
			this.jobs = jobs;
		}

		@DistributedLock("#{#key}")
		public String outer(String key) {
			return this.jobs.skip(key);
		}

	}

	/** Stops where a web server does, and needs a lock for that. */
	static class Draining implements SmartLifecycle {

		private volatile boolean running;

		private volatile LockTemplate template;

		private volatile boolean lockedWhileStopping;

		@Override
		public void start() {
			this.running = true;
		}

		@Override
		public void stop() {
			this.running = false;
			this.template.executeWithoutResult("draining", (lock) -> this.lockedWhileStopping = lock.isHeld());
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

		@Override
		public int getPhase() {
			return DEFAULT_PHASE - 2048;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Everything {

	}

}
