package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;

import io.etcd.jetcd.api.LeaseGrantRequest;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.test.EtcdExtension;
import io.github.etcdlock.test.TcpProxy;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class ShutdownTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	private final Traffic traffic = new Traffic();

	private final LeaseManager manager = this.managers.with()
		.shutdownTimeout(Duration.ofSeconds(20))
		.traffic(this.traffic)
		.start();

	private final LockTemplate locks = this.manager.lockTemplate();

	private final LockTemplate others = this.managers.template();

	@Test
	void handlesOfAcquireAreReleasedAtOnce() throws Exception {
		List<String> lost = new CopyOnWriteArrayList<>();
		LockHandle lock = this.locks.acquire("a");
		lock.onLost(() -> lost.add("a"));
		Duration time = timed(this.manager::close);
		assertThat(time).isLessThan(Duration.ofSeconds(10));
		assertThat(lock.isHeld()).isFalse();
		assertThat(lost).isEmpty();
		this.managers.closeAndLeaveNothing();
	}

	@Test
	void runningActionIsWaitedFor() throws Exception {
		this.others.acquire("warm").close();
		CountDownLatch running = new CountDownLatch(1);
		CountDownLatch end = new CountDownLatch(1);
		CompletableFuture<Boolean> action = CompletableFuture
			.supplyAsync(() -> this.locks.execute("a", (lock) -> heldAtTheEnd(lock, running, end)));
		running.await();
		CompletableFuture<Void> closing = CompletableFuture.runAsync(this.manager::close);
		await().until(() -> isRefused("b"));
		assertThat(this.others.tryAcquire("a")).isEmpty();
		assertThat(closing).isNotDone();
		end.countDown();
		closing.get();
		assertThat(action.get()).isTrue();
		assertThat(this.others.tryAcquire("a")).isPresent();
	}

	@Test
	void actionThatRunsTooLongLosesItsLock() throws Exception {
		LeaseManager impatient = this.managers.with().shutdownTimeout(Duration.ofMillis(200)).start();
		CountDownLatch running = new CountDownLatch(1);
		CountDownLatch end = new CountDownLatch(1);
		CompletableFuture<Boolean> action = CompletableFuture
			.supplyAsync(() -> impatient.lockTemplate().execute("a", (lock) -> heldAtTheEnd(lock, running, end)));
		running.await();
		assertThat(timed(impatient::close)).isBetween(Duration.ofMillis(200), Duration.ofSeconds(10));
		assertThat(this.managers.queued("a")).isEmpty();
		end.countDown();
		assertThat(action).failsWithin(Duration.ofSeconds(5))
			.withThrowableThat()
			.withCauseInstanceOf(LockLostException.class);
	}

	private static boolean heldAtTheEnd(LockHandle lock, CountDownLatch running, CountDownLatch end) {
		running.countDown();
		try {
			end.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		return lock.isHeld();
	}

	private boolean isRefused(String key) throws InterruptedException {
		try {
			this.locks.tryAcquire(key).ifPresent(LockHandle::close);
			return false;
		}
		catch (IllegalStateException ex) {
			return true;
		}
	}

	@Test
	void waitersAreEnded() throws Exception {
		this.others.acquire("a");
		CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(LockRequest.of("a"));
		CompletableFuture<Void> blocked = CompletableFuture
			.runAsync(() -> this.locks.executeWithoutResult("a", LockHandle::close));
		CompletableFuture<Void> alsoBlocked = CompletableFuture
			.runAsync(() -> this.locks.executeWithoutResult("b", (lock) -> blocked.join()));
		await().until(() -> this.managers.queued("a").size() == 2 && this.managers.queued("b").size() == 1);
		assertThat(timed(this.manager::close)).isLessThan(Duration.ofSeconds(10));
		for (CompletableFuture<?> ended : List.of(waiter, blocked)) {
			assertThat(ended).failsWithin(Duration.ofSeconds(5))
				.withThrowableThat()
				.withCauseInstanceOf(LockNotAcquiredException.class);
		}
		assertThat(alsoBlocked).failsWithin(Duration.ofSeconds(5))
			.withThrowableThat()
			.isInstanceOf(ExecutionException.class);
		assertThat(this.managers.queued("a")).hasSize(1);
		assertThat(this.managers.queued("b")).isEmpty();
	}

	@Test
	void closingTwiceClosesOnce() throws Exception {
		this.locks.acquire("a");
		this.manager.close();
		long requests = this.traffic.requests();
		this.manager.close();
		assertThat(this.traffic.requests()).isEqualTo(requests);
	}

	@Test
	void whatWasNeverUsedHasNothingToClose() {
		LeaseManager unused = this.managers.with().traffic(this.traffic).start();
		unused.close();
		assertThat(this.traffic.requests()).isZero();
		this.managers.closeAndLeaveNothing();
	}

	@Test
	void closingEndsInTimeWhenEtcdCannotBeReached() throws Exception {
		this.others.acquire("warm").close();
		try (TcpProxy link = TcpProxy.to(etcd.endpoint())) {
			LeaseManager lonely = this.managers.with()
				.endpoints(List.of(link.endpoint()))
				.ttl(Duration.ofSeconds(3))
				.start();
			await().ignoreExceptions().until(() -> lonely.lockTemplate().tryAcquire("a").isPresent());
			CompletableFuture<LockHandle> waiter = lonely.lockTemplate().acquireAsync(LockRequest.of("a"));
			link.freeze();
			assertThat(timed(lonely::close)).isLessThan(Duration.ofSeconds(10));
			assertThat(waiter).isCompletedExceptionally();
		}
		await().until(() -> this.managers.queued("a").isEmpty());
	}

	@Test
	void leaseThatIsGrantedWhileClosingIsRevoked() {
		Fault fault = this.traffic.fault(Fault.Kind.HOLD_REQUEST, LeaseGrantRequest.class::isInstance);
		CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(LockRequest.of("a"));
		fault.awaitRequest(LeaseGrantRequest.class);
		CompletableFuture<Void> closing = CompletableFuture.runAsync(this.manager::close);
		assertThat(waiter).failsWithin(Duration.ofSeconds(5))
			.withThrowableThat()
			.isInstanceOf(ExecutionException.class);
		fault.release();
		closing.join();
		this.managers.closeAndLeaveNothing();
	}

	@Test
	void takeThatIsAnsweredWhileClosingIsUndone() throws Exception {
		this.locks.acquire("warm").close();
		Fault fault = this.traffic.fault(Fault.Kind.HOLD_ANSWER, Traffic::isTake);
		CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(LockRequest.of("a"));
		fault.awaitAnswer();
		CompletableFuture<Void> closing = CompletableFuture.runAsync(this.manager::close);
		assertThat(waiter).failsWithin(Duration.ofSeconds(5))
			.withThrowableThat()
			.isInstanceOf(ExecutionException.class);
		fault.release();
		closing.join();
		this.managers.closeAndLeaveNothing();
	}

	@Test
	void whatIsToBeAskedAgainIsToldThatItIsTooLate() throws Exception {
		LockHandle lock = this.others.acquire("a");
		for (int i = 0; i < 100; i++) {
			this.traffic.fault(Fault.Kind.LOSE_REQUEST, (message) -> true);
		}
		CompletableFuture<?> asked = this.manager.requestRevocation(lock.ownershipKeys().get(0), lock.revision());
		CompletableFuture<?> read = this.manager.census().read("a");
		await().until(() -> this.traffic.requests() > 16);
		this.manager.close();
		assertThat(asked).failsWithin(Duration.ofSeconds(5)).withThrowableThat().isInstanceOf(ExecutionException.class);
		assertThat(read).failsWithin(Duration.ofSeconds(5)).withThrowableThat().isInstanceOf(ExecutionException.class);
	}

	@Test
	void interruptOfTheClosingThreadIsKept() throws Exception {
		this.locks.acquire("a");
		Thread.currentThread().interrupt();
		this.manager.close();
		assertThat(Thread.interrupted()).isTrue();
		this.managers.closeAndLeaveNothing();
	}

	@Test
	void noThreadStays() throws Exception {
		Set<Thread> before = Managers.threads();
		LeaseManager closed = this.managers.start();
		closed.lockTemplate().acquireAsync(LockRequest.of("a")).thenAccept(LockHandle::close).get();
		assertThat(Managers.threads()).hasSizeGreaterThan(before.size());
		closed.close();
		await().untilAsserted(() -> assertThat(Managers.threads()).isSubsetOf(before));
	}

	private static Duration timed(Runnable action) {
		long start = System.nanoTime();
		action.run();
		return Duration.ofNanos(System.nanoTime() - start);
	}

}
