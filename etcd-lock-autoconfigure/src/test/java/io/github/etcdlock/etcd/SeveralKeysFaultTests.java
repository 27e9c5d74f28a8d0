package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

import io.etcd.jetcd.api.TxnRequest;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.test.EtcdContents;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/** Schedules in which a request for several keys would leave or keep some of them. */
class SeveralKeysFaultTests {

	private static final LockRequest ALL = LockRequest.of("a", "b", "c");

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	@AutoClose
	private final Outsider outsider = new Outsider(etcd.endpoint());

	private final Traffic traffic = new Traffic();

	private final LockTemplate locks = this.managers.with()
		.requestTimeout(Duration.ofMillis(1500))
		.turns(0, Duration.ZERO)
		.traffic(this.traffic)
		.template();

	private final LockTemplate others = this.managers.template();

	@BeforeEach
	void connect() throws Exception {
		this.locks.acquire("warm").close();
		this.others.acquire("warm").close();
	}

	private static LockHandle granted(CompletableFuture<LockHandle> waiter) {
		assertThat(waiter).succeedsWithin(Duration.ofSeconds(5));
		return waiter.join();
	}

	private void awaitOnly(LockHandle lock) {
		for (int i = 0; i < lock.keys().size(); i++) {
			String line = lock.keys().get(i);
			String key = lock.ownershipKeys().get(i);
			await().untilAsserted(() -> assertThat(this.managers.queued(line)).extracting(EtcdContents.Key::name)
				.containsExactly(key));
		}
	}

	private void awaitNothing(LockRequest request) {
		request.keys().forEach((line) -> await().until(() -> this.managers.queued(line).isEmpty()));
	}

	@Test
	void takeWhoseAnswerIsLostLeavesNoneOfItsKeys() throws Exception {
		Fault lost = this.traffic.fault(Fault.Kind.LOSE_ANSWER, Traffic::isTake);
		LockHandle lock = this.locks.acquire(ALL);
		assertThat(lost.met()).isTrue();
		awaitOnly(lock);
		lock.close();
		awaitNothing(ALL);
	}

	@Test
	void takeThatArrivesAfterAllWasReleasedPutsNoneOfItsKeys() throws Exception {
		Fault lost = this.traffic.fault(Fault.Kind.LOSE_REQUEST, Traffic::isTake);
		LockHandle lock = this.locks.acquire(ALL);
		awaitOnly(lock);
		assertThat(this.outsider.txn(lost.awaitRequest(TxnRequest.class)).getSucceeded()).isFalse();
		awaitOnly(lock);
		lock.close();
		assertThat(this.outsider.txn(lost.awaitRequest(TxnRequest.class)).getSucceeded()).isFalse();
		awaitNothing(ALL);
	}

	@Test
	void acquireThatFailsLeavesNoneOfItsKeys() {
		for (int i = 0; i < 30; i++) {
			this.traffic.fault(Fault.Kind.LOSE_ANSWER, Traffic::isTake);
		}
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> this.locks.acquire(ALL));
		awaitNothing(ALL);
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> this.locks.tryAcquire(ALL.shared()));
		awaitNothing(ALL);
	}

	@Test
	void releaseThatGetsLostIsRepeatedForAllKeys() throws Exception {
		LockHandle lock = this.locks.acquire(ALL);
		Fault lost = this.traffic.fault(Fault.Kind.LOSE_REQUEST, Traffic::isRelease);
		lock.close();
		assertThat(lost.met()).isTrue();
		awaitNothing(ALL);
	}

	@Test
	void handOverWhoseAnswerIsLostLeavesOneOfEachKey() throws Exception {
		LockHandle lock = this.locks.acquire(ALL);
		CompletableFuture<LockHandle> next = this.locks.acquireAsync(LockRequest.of("c", "b"));
		Fault lost = this.traffic.fault(Fault.Kind.LOSE_ANSWER, Traffic::isHandOver);
		lock.close();
		LockHandle second = granted(next);
		assertThat(lost.met()).isTrue();
		assertThat(second.fencingToken()).isGreaterThan(lock.fencingToken());
		awaitOnly(second);
		awaitNothing(LockRequest.of("a"));
	}

	@Test
	void handOverOfALockWhoseOneKeyIsGoneKeepsNoneOfTheOthers() throws Exception {
		LockHandle lock = this.locks.acquire(ALL);
		AtomicInteger losses = new AtomicInteger();
		lock.onLost(losses::incrementAndGet);
		CompletableFuture<LockHandle> next = this.locks.acquireAsync(LockRequest.of("b"));
		this.outsider.delete(lock.ownershipKeys().get(1));
		lock.close();
		awaitOnly(granted(next));
		awaitNothing(LockRequest.of("a", "c"));
		await().until(() -> losses.get() == 1);
	}

	@Test
	void releaseOfALockWhoseOneKeyIsGoneKeepsNoneOfTheOthers() throws Exception {
		LockHandle lock = this.locks.acquire(ALL);
		this.outsider.delete(lock.ownershipKeys().get(2));
		lock.close();
		awaitNothing(ALL);
	}

	@Test
	void waiterWhoseOneKeyIsDeletedStandsBehindWithAllOfThem() throws Exception {
		LockHandle a = this.others.acquire("a");
		CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(ALL);
		await().until(() -> this.managers.queued("b").size() == 1);
		await().until(() -> !this.traffic.watches().isEmpty());
		String first = this.managers.queued("b").get(0).name();
		this.outsider.delete(first);
		await().until(() -> this.managers.queued("b").stream().anyMatch((key) -> !key.name().equals(first)));
		a.close();
		awaitOnly(granted(waiter));
	}

	@Test
	void keyIsNotKeptForAWaiterWhoIsNotReady() throws Exception {
		LockHandle a = this.locks.acquire("a");
		LockHandle b = this.locks.acquire("b");
		CompletableFuture<LockHandle> both = this.locks.acquireAsync(LockRequest.of("a", "b"));
		CompletableFuture<LockHandle> other = this.others.acquireAsync(LockRequest.of("b", "a"));
		await().until(() -> this.managers.queued("a").size() == 2);
		a.close();
		await().until(() -> this.managers.queued("a").size() == 1);
		b.close();
		LockHandle first = granted(other);
		assertThat(both).isNotDone();
		first.close();
		granted(both);
	}

	@Test
	void deletionThatOvertakesTheAnswerIsSeenInEveryLine() throws Exception {
		for (String key : List.of("a", "b")) {
			LockHandle earlier = this.others.acquire(key);
			CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(LockRequest.of(key));
			await().until(() -> this.managers.queued(key).size() == 2);
			earlier.close();
			granted(waiter).close();
		}
		LockHandle a = this.others.acquire("a");
		LockHandle b = this.others.acquire("b");
		Fault held = this.traffic.fault(Fault.Kind.HOLD_ANSWER, Traffic::isTake);
		CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(ALL);
		held.awaitAnswer();
		a.close();
		b.close();
		held.release();
		LockHandle lock = waiter.get();
		awaitOnly(lock);
	}

	@Test
	void lostSessionTakesAllKeysAndTheyAreFreeTogether() throws Exception {
		LockHandle lock = this.locks.acquire(ALL);
		long lease = this.managers.queued("a").get(0).lease();
		CompletableFuture<LockHandle> next = this.others.acquireAsync(LockRequest.of("c", "a"));
		await().until(() -> this.managers.queued("a").size() == 2);
		this.outsider.revoke(lease);
		await().until(() -> !lock.isHeld());
		LockHandle second = granted(next);
		assertThat(second.fencingToken()).isGreaterThan(lock.fencingToken());
		assertThat(this.locks.tryAcquire("b")).isPresent();
	}

}
