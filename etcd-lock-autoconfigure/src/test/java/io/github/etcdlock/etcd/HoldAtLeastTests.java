package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.TxnRequest;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.test.ChildJvm;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/** Keys that stay for a minimum time, whatever becomes of their holder. */
class HoldAtLeastTests {

	/** For which etcd grants three seconds: a lease that just ends is too late. */
	private static final Duration MINIMUM = Duration.ofMillis(2200);

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	@AutoClose
	private final Outsider outsider = new Outsider(etcd.endpoint());

	private final Traffic traffic = new Traffic();

	private final LeaseManager manager = this.managers.with()
		.shutdownTimeout(Duration.ofSeconds(10))
		.traffic(this.traffic)
		.start();

	private final LockTemplate locks = this.manager.lockTemplate();

	private final LockTemplate others = this.managers.template();

	/** The first use of a manager costs a moment. */
	@BeforeEach
	void warmUp() throws InterruptedException {
		this.locks.acquire("warm").close();
		this.others.acquire("warm").close();
	}

	/** Releases it at once, to be kept from now on, and gives this time. */
	private static long releasedEarly(LockHandle lock) {
		long since = System.nanoTime();
		Duration least = lock.heldFor().plus(MINIMUM);
		lock.holdAtLeast(least);
		lock.close();
		assertThat(lock.isHeld()).isFalse();
		assertThat(lock.heldFor()).isLessThan(least);
		return since;
	}

	private static Duration since(long nanos) {
		return Duration.ofNanos(System.nanoTime() - nanos);
	}

	/** Others have it, for the leases that kept it were given back in time. */
	private void admitted(long since) {
		List<Long> kept = this.traffic.sent(LeaseGrantRequest.class)
			.stream()
			.skip(1)
			.map(LeaseGrantRequest::getID)
			.toList();
		assertThat(this.traffic.sent(LeaseRevokeRequest.class)).extracting(LeaseRevokeRequest::getID).containsAll(kept);
		assertThat(kept).isNotEmpty();
		assertThat(since(since)).isBetween(MINIMUM, MINIMUM.plusSeconds(5));
	}

	@Test
	void othersAreAdmittedAtTheExactTime() throws Exception {
		LockHandle lock = this.locks.acquire("a");
		CompletableFuture<LockHandle> local = this.locks.acquireAsync(LockRequest.of("a"));
		CompletableFuture<LockHandle> remote = this.others.acquireAsync(LockRequest.of("a"));
		await().until(() -> this.managers.queued("a").size() == 2);
		long since = releasedEarly(lock);
		assertThat(since(since)).isLessThan(MINIMUM);
		assertThat(this.others.tryAcquire("a")).isEmpty();
		assertThat(this.locks.tryAcquire("a")).isEmpty();
		LockHandle next = remote.get(10, TimeUnit.SECONDS);
		admitted(since);
		assertThat(next.fencingToken()).isGreaterThan(lock.fencingToken());
		assertThat(local).isNotDone();
		next.close();
		local.get(10, TimeUnit.SECONDS).close();
		this.managers.closeAndLeaveNothing();
	}

	@Test
	void keyStaysThoughTheProcessIsKilledAndGoesByItself() throws Exception {
		try (ChildJvm child = LockingProcess.start(etcd.endpoint(), this.managers.prefix(), Duration.ofSeconds(30))) {
			long before = System.nanoTime();
			child.send("keep a 2500");
			child.expect("kept");
			child.kill();
			assertThat(this.others.tryAcquire("a")).isEmpty();
			LockHandle next = this.others.acquire("a");
			assertThat(since(before)).isBetween(Duration.ofMillis(2500), Duration.ofSeconds(12));
			next.close();
		}
	}

	@Test
	void whoHoldsItLongerReleasesAtOnce() throws Exception {
		LockHandle lock = this.locks.acquire("a");
		lock.holdAtLeast(Duration.ofMillis(50));
		await().until(() -> lock.heldFor().toMillis() > 60);
		this.traffic.forget();
		lock.close();
		assertThat(this.traffic.sent(LeaseGrantRequest.class)).isEmpty();
		assertThat(this.others.tryAcquire("a")).isPresent();
		assertThatIllegalStateException().isThrownBy(() -> lock.holdAtLeast(MINIMUM))
			.withMessageContaining("released already");
	}

	@Test
	void shutdownLeavesTheKeyToALeaseOfItsOwn() throws Exception {
		LockHandle lock = this.locks.acquire("a");
		long since = System.nanoTime();
		lock.holdAtLeast(MINIMUM);
		this.manager.close();
		assertThat(this.managers.queued("a")).hasSize(1);
		assertThat(this.others.tryAcquire("a")).isEmpty();
		this.others.acquire("a").close();
		assertThat(since(since)).isBetween(MINIMUM, Duration.ofSeconds(12));
		this.managers.closeAndLeaveNothing();
	}

	@Test
	void lossOfTheSessionDoesNotShortenIt() throws Exception {
		LockHandle lock = this.locks.acquire("a");
		long session = lease(lock);
		long since = releasedEarly(lock);
		this.outsider.revoke(session);
		assertThat(this.others.tryAcquire("a")).isEmpty();
		this.others.acquire("a").close();
		admitted(since);
	}

	private static long lease(LockHandle lock) {
		return Revocation.of(lock.ownershipKeys().get(0), lock.revision()).lease();
	}

	@Test
	void laterHolderIsNotOverwritten() throws Exception {
		List<String> lost = new CopyOnWriteArrayList<>();
		LockHandle lock = this.locks.acquire("a");
		String key = lock.ownershipKeys().get(0);
		lock.holdAtLeast(MINIMUM);
		this.traffic.watchEvents().shut();
		this.outsider.delete(key);
		LockHandle later = this.others.acquire("a");
		lock.onLost(() -> lost.add("lost"));
		lock.close();
		await().until(() -> !lost.isEmpty());
		assertThat(this.managers.queued("a")).hasSize(1).noneMatch((queued) -> queued.name().equals(key));
		assertThat(later.isHeld()).isTrue();
		this.traffic.watchEvents().open();
	}

	@Test
	void lateAttemptFindsNothingToKeep() throws Exception {
		LockHandle lock = this.locks.acquire("a");
		Fault fault = this.traffic.fault(Fault.Kind.LOSE_ANSWER, Traffic::isTake);
		long since = releasedEarly(lock);
		this.others.acquire("a").close();
		admitted(since);
		TxnRequest late = fault.awaitRequest(TxnRequest.class);
		assertThat(this.outsider.txn(late).getSucceeded()).isFalse();
		this.managers.closeAndLeaveNothing();
	}

	@Test
	void leaseThatIsGrantedLateIsAsGood() throws Exception {
		LockHandle lock = this.locks.acquire("a");
		Fault fault = this.traffic.fault(Fault.Kind.LOSE_ANSWER, LeaseGrantRequest.class::isInstance);
		long since = releasedEarly(lock);
		assertThat(fault.met()).isTrue();
		this.others.acquire("a").close();
		admitted(since);
		this.managers.closeAndLeaveNothing();
	}

	@Test
	void sessionKeepsItWhileNoLeaseCanBeHad() throws Exception {
		LockHandle lock = this.locks.acquire("a");
		this.traffic.fault(Fault.Kind.HOLD_REQUEST, LeaseGrantRequest.class::isInstance);
		this.traffic.fault(Fault.Kind.HOLD_REQUEST, LeaseGrantRequest.class::isInstance);
		long since = System.nanoTime();
		lock.holdAtLeast(lock.heldFor().plus(MINIMUM));
		CompletableFuture<Void> closed = lock.closeAsync();
		this.others.acquire("a").close();
		assertThat(since(since)).isBetween(MINIMUM, MINIMUM.plusSeconds(5));
		assertThat(closed).succeedsWithin(Duration.ofSeconds(5));
		this.managers.closeAndLeaveNothing();
	}

	@Test
	void severalKeysAndReadersAreKeptToo() throws Exception {
		LockHandle both = this.locks.acquire(LockRequest.of("a", "b"));
		LockHandle reader = this.locks.acquire(LockRequest.of("c").shared());
		LockHandle shared = this.locks.acquire(LockRequest.of("c").shared());
		long sinceBoth = releasedEarly(both);
		assertThat(this.others.tryAcquire("b")).isEmpty();
		long sinceReader = releasedEarly(reader);
		shared.close();
		assertThat(this.others.tryAcquire("c")).isEmpty();
		assertThat(this.others.tryAcquire(LockRequest.of("c").shared())).hasValueSatisfying(LockHandle::close);
		this.others.acquire(LockRequest.of("a", "b")).close();
		assertThat(since(sinceBoth)).isGreaterThanOrEqualTo(MINIMUM);
		this.others.acquire("c").close();
		admitted(sinceReader);
		this.managers.closeAndLeaveNothing();
	}

}
