package io.github.etcdlock.autoconfigure;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.etcd.LeaseManager;
import io.github.etcdlock.metrics.LockObservationContext;
import io.github.etcdlock.test.EtcdExtension;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.GlobalObservationConvention;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What a trace shows of locks on a real etcd. */
class EtcdLockObservationTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private final TestObservationRegistry registry = TestObservationRegistry.create();

	private final LockRequest request = LockRequest.of("order:1").named("order").waitingUpTo(Duration.ofMillis(50));

	private ApplicationContextRunner runner() {
		return new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(EtcdLockAutoConfiguration.class, EtcdLockObservationAutoConfiguration.class))
			.withBean(ObservationRegistry.class, () -> this.registry)
			.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint(), "etcd-lock.key-prefix=" + etcd.freshPrefix());
	}

	private TestObservationRegistryAssert that() {
		return TestObservationRegistryAssert.assertThat(this.registry);
	}

	@Test
	void waitAndHoldAreSpansOfTheCaller() {
		runner().run((context) -> {
			LockTemplate locks = context.getBean(LockTemplate.class);
			Observation caller = Observation.start("caller", this.registry);
			try (Observation.Scope scope = caller.openScope()) {
				locks.executeWithoutResult(this.request, (lock) -> {
					locks.executeWithoutResult(this.request, LockHandle::isHeld);
					Observation.start("inside", this.registry).stop();
				});
			}
			caller.stop();
			that().hasNumberOfObservationsEqualTo(4);
			that().hasObservationWithNameEqualTo("etcd.lock.acquire")
				.that()
				.hasLowCardinalityKeyValue("name", "order")
				.hasLowCardinalityKeyValue("mode", "exclusive")
				.hasLowCardinalityKeyValue("outcome", "acquired")
				.hasHighCardinalityKeyValue("etcd.lock.keys", "order:1")
				.hasContextualNameEqualTo("acquire order")
				.hasParentObservationContextMatching((parent) -> "caller".equals(parent.getName()))
				.hasBeenStopped();
			that().hasObservationWithNameEqualTo("etcd.lock.hold")
				.that()
				.hasLowCardinalityKeyValue("outcome", "released")
				.hasParentObservationContextMatching((parent) -> "caller".equals(parent.getName()))
				.hasBeenStopped();
			that().hasObservationWithNameEqualTo("inside")
				.that()
				.hasParentObservationContextMatching((parent) -> "etcd.lock.hold".equals(parent.getName()));
		});
	}

	@Test
	void lockOfAcquireIsHeldUntilItIsReleased() {
		runner().run((context) -> {
			LockHandle lock = context.getBean(LockTemplate.class).acquire(this.request);
			that().hasObservationWithNameEqualTo("etcd.lock.hold").that().isNotStopped();
			lock.close();
			awaitHoldEnds("released");
		});
	}

	@Test
	void joinOfAnOuterLockIsNoWait() {
		runner().run((context) -> {
			LockTemplate locks = context.getBean(LockTemplate.class);
			locks.executeWithoutResult("a", (outer) -> locks.executeWithoutResult("b",
					(inner) -> locks.executeWithoutResult("a", LockHandle::isHeld)));
			that().hasNumberOfObservationsWithNameEqualTo("etcd.lock.acquire", 2)
				.hasNumberOfObservationsWithNameEqualTo("etcd.lock.hold", 2);
		});
	}

	@Test
	void lockThatItsActionClosesIsReleased() {
		runner().run((context) -> {
			context.getBean(LockTemplate.class).executeWithoutResult(this.request, LockHandle::close);
			awaitHoldEnds("released");
		});
	}

	@Test
	void lockThatIsReleasedAsSoonAsItIsHadIsReleased() {
		runner().run((context) -> {
			LockTemplate locks = context.getBean(LockTemplate.class);
			for (int i = 0; i < 20; i++) {
				locks.acquireAsync(this.request).thenCompose(LockHandle::closeAsync).get();
				awaitHoldEnds("released");
				this.registry.clear();
			}
		});
	}

	@Test
	void actionWhoseLockIsLostSaysSo() {
		runner().run((context) -> {
			LeaseManager manager = context.getBean(LeaseManager.class);
			LockTemplate locks = context.getBean(LockTemplate.class);
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> locks.executeWithoutResult(this.request, (lock) -> {
					manager.forceRelease(lock.ownershipKeys().get(0), lock.revision()).join();
					Awaitility.await().until(() -> !lock.isHeld());
				}));
			awaitHoldEnds("lost");
			that().hasObservationWithNameEqualTo("etcd.lock.hold").that().hasError();
		});
	}

	@Test
	void lostLockEndsTheSpan() {
		runner().run((context) -> {
			LockHandle lock = context.getBean(LockTemplate.class).acquireAsync(this.request).get();
			assertThat(context.getBean(LeaseManager.class)
				.forceRelease(lock.ownershipKeys().get(0), lock.revision())
				.get()).isTrue();
			awaitHoldEnds("lost");
		});
	}

	private void awaitHoldEnds(String outcome) {
		Awaitility.await()
			.untilAsserted(() -> that().hasObservationWithNameEqualTo("etcd.lock.hold")
				.that()
				.hasBeenStopped()
				.hasLowCardinalityKeyValue("outcome", outcome));
	}

	@Test
	void waitInVainSaysHowItEnded() {
		runner().run((context) -> {
			LockTemplate locks = context.getBean(LockTemplate.class);
			LockHandle held = context.getBean(LeaseManager.class).lockTemplate().acquire(this.request);
			assertThat(locks.tryAcquire("order:1")).isEmpty();
			assertOnlyWait("busy");
			assertThatExceptionOfType(LockNotAcquiredException.class).isThrownBy(() -> locks.acquire(this.request));
			assertOnlyWait("timeout");
			assertThatExceptionOfType(LockNotAcquiredException.class)
				.isThrownBy(() -> locks.executeWithoutResult(this.request, LockHandle::isHeld));
			assertOnlyWait("timeout");
			CompletableFuture<LockHandle> async = locks
				.acquireAsync(LockRequest.of("order:1").waitingUpTo(Duration.ofMinutes(1)));
			async.cancel(false);
			assertOnlyWait("busy");
			held.close();
		});
	}

	private void assertOnlyWait(String outcome) {
		that().hasNumberOfObservationsEqualTo(1)
			.hasObservationWithNameEqualTo("etcd.lock.acquire")
			.that()
			.hasLowCardinalityKeyValue("outcome", outcome)
			.hasBeenStopped();
		this.registry.clear();
	}

	@Test
	void applicationHasAConventionOfItsOwn() {
		this.registry.observationConfig().observationConvention(new Mine());
		runner().run((context) -> {
			context.getBean(LockTemplate.class).executeWithoutResult(this.request, LockHandle::isHeld);
			that().hasObservationWithNameEqualTo("mine.acquire").that().hasLowCardinalityKeyValue("lock", "order");
		});
	}

	private static final class Mine implements GlobalObservationConvention<LockObservationContext> {

		@Override
		public boolean supportsContext(Observation.Context context) {
			return context instanceof LockObservationContext;
		}

		@Override
		public String getName() {
			return "mine.acquire";
		}

		@Override
		public KeyValues getLowCardinalityKeyValues(LockObservationContext context) {
			return KeyValues.of("lock", String.valueOf(context.getRequest().name()));
		}

	}

}
