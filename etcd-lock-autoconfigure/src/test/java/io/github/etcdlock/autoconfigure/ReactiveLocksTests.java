package io.github.etcdlock.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.OnLoss;
import io.github.etcdlock.test.ChildJvm;
import io.github.etcdlock.test.EtcdContents;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Publishers locked in a real etcd. */
class ReactiveLocksTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private String prefix;

	private ApplicationContextRunner runner;

	@BeforeEach
	void prepare() {
		this.prefix = etcd.freshPrefix();
		this.runner = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(EtcdLockAutoConfiguration.class, EtcdLockAopAutoConfiguration.class))
			.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint(), "etcd-lock.key-prefix=" + this.prefix,
					"etcd-lock.request-timeout=10s")
			.withBean(Jobs.class);
	}

	private List<EtcdContents.Key> queued() {
		return etcd.cluster().contents().under(this.prefix + "/a/");
	}

	private static LockTemplate locks(ApplicationContext context) {
		return context.getBean(LockTemplate.class);
	}

	@Test
	void nextOneFindsTheLockFree() {
		this.runner.run((one) -> this.runner.run((other) -> {
			for (int i = 0; i < 50; i++) {
				assertThat(one.getBean(Jobs.class).run(Mono.just("ran")).block(PATIENCE)).isEqualTo("ran");
				assertThat(locks(other).tryAcquire("a")).hasValueSatisfying(LockHandle::close);
			}
		}));
	}

	@Test
	void cancellationWhileWaitingLeavesNothingInEtcd() {
		this.runner.run((one) -> this.runner.run((other) -> {
			LockHandle lock = locks(other).acquire("a");
			Disposable waiting = one.getBean(Jobs.class).run(Mono.never()).subscribe();
			await().until(() -> queued().size() == 2);
			waiting.dispose();
			await().until(() -> queued().size() == 1);
			lock.close();
			assertThat(queued()).isEmpty();
		}));
	}

	@Test
	void cancellationsAtRandomLeaveNothing() {
		this.runner.run((context) -> {
			Jobs jobs = context.getBean(Jobs.class);
			Random random = new Random(1);
			for (int i = 0; i < 300; i++) {
				Mono<?> work = Mono.delay(Duration.ofMillis(random.nextInt(3)));
				Disposable subscription = jobs.run(work.thenReturn("ran")).subscribe();
				Mono.delay(Duration.ofMillis(random.nextInt(4))).subscribe((late) -> subscription.dispose());
			}
			assertThat(jobs.run(Mono.just("last")).block(PATIENCE)).isEqualTo("last");
			await().until(() -> queued().isEmpty());
		});
	}

	@Test
	void lossIsAnErrorSignal() {
		this.runner.run((context) -> {
			CompletableFuture<String> result = context.getBean(Jobs.class).interruptible(Mono.never()).toFuture();
			await().until(() -> queued().size() == 1);
			ByteSequence key = ByteSequence.from(queued().get(0).name(), UTF_8);
			context.getBean(Client.class).getKVClient().delete(key).get();
			assertThat(result).failsWithin(PATIENCE).withThrowableThat().withCauseInstanceOf(LockLostException.class);
		});
	}

	@Test
	void lossThatOnlyTheReleaseShowsIsAnErrorSignal() {
		this.runner.run((context) -> {
			Mono<String> deletes = Mono.defer(() -> {
				ByteSequence key = ByteSequence.from(queued().get(0).name(), UTF_8);
				return Mono.fromFuture(context.getBean(Client.class).getKVClient().delete(key)).thenReturn("deleted");
			});
			assertThat(context.getBean(Jobs.class).run(deletes).toFuture()).failsWithin(PATIENCE)
				.withThrowableThat()
				.withCauseInstanceOf(LockLostException.class);
		});
	}

	@Test
	void noThreadOfReactorIsBlocked() {
		try (ChildJvm child = ChildJvm.start(List.of("-XX:+AllowRedefinitionToAddDeleteMethods"), ReactiveProcess.class,
				etcd.endpoint(), this.prefix)) {
			assertThat(child.expect("on purpose: ")).isNotEqualTo("0");
			assertThat(child.expect("done ")).isEqualTo("100, at once 1");
			assertThat(child.expect("nested ")).isEqualTo("nest");
			assertThat(child.expect("loss ")).isEqualTo("lost");
			assertThat(child.expect("interrupt ")).isEqualTo("lost");
			assertThat(child.expect("fallback ")).isEqualTo("instead");
			assertThat(child.expect("blocked in all: ")).as(() -> String.join("\n", child.output())).isEqualTo("0");
		}
		assertThat(etcd.cluster().contents().under(this.prefix)).isEmpty();
	}

	static class Jobs {

		@DistributedLock("a")
		public Mono<String> run(Mono<String> work) {
			return work;
		}

		@DistributedLock(key = "a", onLoss = OnLoss.INTERRUPT)
		public Mono<String> interruptible(Mono<String> work) {
			return work;
		}

	}

}
