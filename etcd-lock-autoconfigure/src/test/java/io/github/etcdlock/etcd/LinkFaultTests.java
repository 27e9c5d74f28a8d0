package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.test.EtcdExtension;
import io.github.etcdlock.test.TcpProxy;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/** The network between a process and etcd fails. */
class LinkFaultTests {

	private static final Duration TTL = Duration.ofSeconds(3);

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	@AutoClose
	private final TcpProxy link = TcpProxy.to(etcd.endpoint());

	private final Traffic traffic = new Traffic();

	private final LockTemplate locks = this.managers.with()
		.endpoints(List.of(this.link.endpoint()))
		.ttl(TTL)
		.traffic(this.traffic)
		.template();

	private final LockTemplate others = this.managers.template();

	/** How a link stands still. */
	enum Freeze {

		BOTH_WAYS(TcpProxy::freeze), TO_SERVER(TcpProxy::freezeToServer), TO_CLIENT(TcpProxy::freezeToClient);

		private final Consumer<TcpProxy> how;

		Freeze(Consumer<TcpProxy> how) {
			this.how = how;
		}

	}

	@BeforeEach
	void warmUp() throws Exception {
		this.others.acquire("warm").close();
		await().pollDelay(Duration.ZERO).until(() -> canLock("warm"));
	}

	@ParameterizedTest
	@EnumSource
	void linkFrozenForLessThanTheTtlLosesNothing(Freeze freeze) throws Exception {
		LockHandle lock = this.locks.acquire("a");
		List<String> lost = lossesOf(lock);
		CompletableFuture<LockHandle> waiter = this.others.acquireAsync(LockRequest.of("a"));
		freeze.how.accept(this.link);
		await().pollDelay(Duration.ofMillis(1200)).until(lock::isHeld);
		this.link.pass();
		await().during(TTL).atMost(TTL.multipliedBy(2)).until(lock::isHeld);
		assertThat(lost).isEmpty();
		assertThat(waiter).isNotDone();
		lock.close();
		assertThat(waiter.get(5, TimeUnit.SECONDS).isHeld()).isTrue();
	}

	@ParameterizedTest
	@EnumSource
	void linkFrozenForLongerThanTheTtlIsALossBeforeAnotherHoldsTheLock(Freeze freeze) throws Exception {
		LockHandle lock = this.locks.acquire("a");
		List<String> events = new CopyOnWriteArrayList<>();
		lock.onLost(() -> events.add("lost"));
		CompletableFuture<LockHandle> next = this.others.acquireAsync(LockRequest.of("a"));
		CompletableFuture<Boolean> together = next.thenApply((granted) -> {
			events.add("granted");
			return lock.isHeld();
		});
		await().until(() -> this.managers.queued("a").size() == 2);
		freeze.how.accept(this.link);
		assertThat(together.get(10, TimeUnit.SECONDS)).isFalse();
		await().untilAsserted(() -> assertThat(events).containsExactlyInAnyOrder("lost", "granted"));
		healsWithANewSession(lock, next.join());
	}

	private void healsWithANewSession(LockHandle lost, LockHandle held) throws Exception {
		long oldLease = leaseOf(lost);
		this.link.pass();
		this.traffic.forget();
		await().until(() -> canLock("b"));
		lost.close();
		assertThat(held.isHeld()).isTrue();
		assertThat(this.managers.queued("a")).hasSize(1);
		held.close();
		LockHandle again = this.locks.acquire("a");
		assertThat(again.fencingToken()).isGreaterThan(held.fencingToken());
		await().during(TTL).atMost(TTL.multipliedBy(2)).until(again::isHeld);
		assertThat(lost.isHeld()).isFalse();
		assertThat(this.traffic.renewedLeases()).doesNotContain(oldLease).containsExactly(leaseOf(again));
		await().until(() -> this.managers.leases().size() == 2);
		this.managers.closeAndLeaveNothing();
	}

	private static long leaseOf(LockHandle lock) {
		String key = lock.ownershipKeys().get(0);
		return Long.parseUnsignedLong(key.substring(key.lastIndexOf('/') + 1, key.lastIndexOf('-')), 16);
	}

	private static List<String> lossesOf(LockHandle lock) {
		List<String> lost = new CopyOnWriteArrayList<>();
		lock.onLost(() -> lost.add("lost"));
		return lost;
	}

	private boolean canLock(String key) throws InterruptedException {
		try {
			this.locks.acquire(key).close();
			return true;
		}
		catch (LockUnavailableException ex) {
			return false;
		}
	}

	@Test
	void connectionsThatBreakAgainAndAgainLoseNothing() throws Exception {
		LockHandle lock = this.locks.acquire("a");
		List<String> lost = lossesOf(lock);
		long end = System.nanoTime() + TTL.plusSeconds(1).toNanos();
		await().pollInterval(Duration.ofMillis(150)).until(() -> {
			this.link.resetAll();
			return System.nanoTime() > end;
		});
		assertThat(lock.isHeld()).isTrue();
		assertThat(lost).isEmpty();
		lock.close();
		await().until(() -> this.managers.queued("a").isEmpty());
	}

	@Test
	void waiterOutlivesBrokenConnections() throws Exception {
		LockHandle lock = this.others.acquire("a");
		CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(LockRequest.of("a"));
		await().until(() -> this.managers.queued("a").size() == 2);
		this.link.resetAll();
		lock.close();
		assertThat(waiter.get(5, TimeUnit.SECONDS).isHeld()).isTrue();
	}

	@Test
	void waiterIsServedOnceTheLinkThaws() throws Exception {
		LockHandle lock = this.others.acquire("a");
		CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(LockRequest.of("a"));
		await().until(() -> this.managers.queued("a").size() == 2);
		this.link.freeze();
		lock.close();
		this.link.pass();
		assertThat(waiter.get(5, TimeUnit.SECONDS).isHeld()).isTrue();
	}

	@Test
	void waiterWhoseSessionIsLostFailsInTimeWhileEtcdIsOutOfReach() throws Exception {
		this.others.acquire("a");
		CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(LockRequest.of("a"));
		await().until(() -> this.managers.queued("a").size() == 2);
		this.link.freeze();
		assertThat(waiter).failsWithin(TTL.plusSeconds(3))
			.withThrowableThat()
			.withCauseInstanceOf(LockUnavailableException.class);
		await().until(() -> this.managers.queued("a").size() == 1);
	}

	@Test
	void frozenLinkFailsARequestInItsTime() {
		this.link.freeze();
		long start = System.nanoTime();
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> this.locks.tryAcquire("a"))
			.withMessageContaining("\"a\"")
			.withMessageContaining(Integer.toString(this.link.port()));
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(6));
	}

	@Test
	void closeReturnsInTimeAndTheReleaseIsMadeUpForLater() throws Exception {
		LockHandle lock = this.locks.acquire("a");
		this.link.freeze();
		long start = System.nanoTime();
		lock.close();
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(6));
		assertThat(this.managers.queued("a")).hasSize(1);
		this.link.pass();
		await().until(() -> this.managers.queued("a").isEmpty());
	}

	@Test
	void releaseThatFailsForLongerThanARequestMayIsMadeUpForLater() throws Exception {
		LockTemplate hasty = this.managers.with()
			.endpoints(List.of(this.link.endpoint()))
			.requestTimeout(Duration.ofSeconds(1))
			.template();
		LockHandle lock = hasty.acquire("a");
		this.link.refuse();
		lock.close();
		await().pollDelay(Duration.ofSeconds(2)).until(() -> this.managers.queued("a").size() == 1);
		this.link.pass();
		await().atMost(Duration.ofSeconds(5)).until(() -> this.managers.queued("a").isEmpty());
	}

	@Test
	void slowLinkOnlySlowsDown() throws Exception {
		this.link.delay(Duration.ofMillis(100));
		LockHandle lock = this.locks.acquire("a");
		CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(LockRequest.of("a"));
		await().during(TTL).atMost(TTL.multipliedBy(2)).until(lock::isHeld);
		lock.close();
		waiter.get(5, TimeUnit.SECONDS).close();
	}

}
