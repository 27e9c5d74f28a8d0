package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.etcd.jetcd.api.WatchResponse;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.test.EtcdContents;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The lock that goes from thread to thread within one turn, and when it does not. */
class PassingTests {

	private static final LockRequest A = LockRequest.of("a");

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	@AutoClose
	private final Outsider outsider = new Outsider(etcd.endpoint());

	private final Traffic traffic = new Traffic();

	private final SteeredClock clock = new SteeredClock();

	private final LeaseManager manager = this.managers.with()
		.turns(16, Duration.ofMillis(200))
		.traffic(this.traffic)
		.clock(this.clock)
		.start();

	private final LockTemplate locks = this.manager.lockTemplate();

	private final LockTemplate others = this.managers.template();

	private final List<WatchResponse> watched = new CopyOnWriteArrayList<>();

	@BeforeEach
	void connect() throws Exception {
		this.others.acquire("warm").close();
		this.traffic.watchEvents().lose((message) -> {
			this.watched.add((WatchResponse) message);
			return false;
		});
	}

	/**
	 * The lock at the begin of a turn whose arrivals are watched, which they are once it
	 * was seen that several threads want it. Time stands still from then on.
	 */
	private LockHandle beginWatchedTurn(LockRequest request) throws Exception {
		LockHandle first = this.locks.acquire(request);
		LockHandle passed = next(first, request);
		awaitWatched(
				() -> this.watched.stream().filter(WatchResponse::getCreated).count() >= this.traffic.watches().size()
						&& this.traffic.watches().size() > request.keys().size());
		this.clock.stand();
		passed.revision();
		return next(passed, request);
	}

	/** Waits until the engine was told, and whatever is asked of it now comes after. */
	private void awaitWatched(Callable<Boolean> told) {
		await().until(told);
		this.traffic.watchEvents().waiting();
	}

	/** Lets the lock go to a thread of the same process that waits for it. */
	private LockHandle next(LockHandle lock, LockRequest request) throws Exception {
		CompletableFuture<LockHandle> next = this.locks.acquireAsync(request);
		lock.close();
		return next.get();
	}

	private boolean passed(LockHandle from, LockHandle to) {
		return to.fencingToken() == from.fencingToken() + 1 && from.fencingToken() / 4096 == to.fencingToken() / 4096;
	}

	private CompletableFuture<LockHandle> queueOther(LockRequest request) {
		String line = request.keys().get(0);
		int before = this.managers.queued(line).size();
		CompletableFuture<LockHandle> waiter = this.others.acquireAsync(request);
		await().until(() -> this.managers.queued(line).size() > before);
		return waiter;
	}

	// While nobody else waits

	@Test
	void passesAskNothingOfEtcdWhileNobodyElseWaits() throws Exception {
		LockHandle lock = beginWatchedTurn(A);
		Managers.awaitWatches(this.manager, 2);
		long revision = this.outsider.revision();
		this.traffic.forget();
		for (int i = 0; i < 100; i++) {
			LockHandle next = next(lock, A);
			assertThat(passed(lock, next)).isTrue();
			lock = next;
		}
		assertThat(this.outsider.revision()).isEqualTo(revision);
		assertThat(this.traffic.requests()).isZero();
		lock.close();
		assertThat(this.managers.queued("a")).isEmpty();
	}

	@Test
	void lockGoesToWaitersOfTheProcessInOrder() throws Exception {
		LockHandle lock = beginWatchedTurn(A);
		List<CompletableFuture<LockHandle>> waiters = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			waiters.add(this.locks.acquireAsync(A));
		}
		for (CompletableFuture<LockHandle> waiter : waiters) {
			assertThat(waiter).isNotDone();
			lock.close();
			assertThat(lock.isHeld()).isFalse();
			lock = waiter.get();
		}
	}

	@Test
	void turnEndsWithAWriteAfterASecond() throws Exception {
		LockHandle lock = beginWatchedTurn(A);
		LockHandle second = next(lock, A);
		assertThat(passed(lock, second)).isTrue();
		this.clock.leap(Duration.ofMillis(1001));
		LockHandle third = next(second, A);
		assertThat(third.fencingToken() / 4096).isGreaterThan(second.fencingToken() / 4096);
		assertThat(third.fencingToken() % 4096).isZero();
		assertThat(passed(third, next(third, A))).isTrue();
	}

	@Test
	void tokenOfALongTurnNeverReachesTheNextRevision() throws Exception {
		LockHandle lock = beginWatchedTurn(A);
		int ends = 0;
		for (int i = 0; i < 5000; i++) {
			LockHandle next = next(lock, A);
			assertThat(next.fencingToken()).isGreaterThan(lock.fencingToken());
			if (next.fencingToken() % 4096 == 0) {
				ends++;
			}
			lock = next;
		}
		assertThat(ends).isPositive();
	}

	@Test
	void handleIsClosedOnlyOnceAfterItWasPassedOn() throws Exception {
		LockHandle lock = beginWatchedTurn(A);
		LockHandle next = next(lock, A);
		lock.close();
		lock.closeAsync().get();
		assertThat(next.isHeld()).isTrue();
		assertThat(this.others.tryAcquire(A)).isEmpty();
	}

	// Once another process waits

	@Test
	void sixteenPassesAreLeftOnceAnotherProcessWaits() throws Exception {
		LockHandle lock = beginWatchedTurn(A);
		CompletableFuture<LockHandle> other = queueOther(A);
		awaitArrivalSeen();
		List<CompletableFuture<LockHandle>> waiters = new ArrayList<>();
		for (int i = 0; i < 40; i++) {
			waiters.add(this.locks.acquireAsync(A));
		}
		for (int i = 0; i < 16; i++) {
			lock.close();
			LockHandle next = waiters.get(i).get();
			assertThat(passed(lock, next)).isTrue();
			lock = next;
		}
		lock.close();
		LockHandle theirs = other.get();
		assertThat(waiters.get(16)).isNotDone();
		assertThat(theirs.fencingToken()).isGreaterThan(lock.fencingToken());
		theirs.close();
		assertThat(waiters.get(16).get().fencingToken()).isGreaterThan(theirs.fencingToken());
	}

	private void awaitArrivalSeen() {
		EtcdContents.Key newest = Collections.max(this.managers.queued("a"),
				Comparator.comparing(EtcdContents.Key::createRevision));
		awaitWatched(() -> this.watched.stream()
			.flatMap((response) -> response.getEventsList().stream())
			.anyMatch((event) -> event.getKv().getKey().toStringUtf8().equals(newest.name())));
	}

	@Test
	void turnTimeIsLeftOnceAnotherProcessWaits() throws Exception {
		LockHandle lock = beginWatchedTurn(A);
		CompletableFuture<LockHandle> other = queueOther(A);
		awaitArrivalSeen();
		LockHandle second = next(lock, A);
		this.clock.leap(Duration.ofMillis(199));
		LockHandle third = next(second, A);
		assertThat(passed(lock, second)).isTrue();
		assertThat(passed(second, third)).isTrue();
		this.clock.leap(Duration.ofMillis(1));
		CompletableFuture<LockHandle> last = this.locks.acquireAsync(A);
		third.close();
		LockHandle theirs = other.get();
		assertThat(last).isNotDone();
		theirs.close();
		last.get();
	}

	@Test
	void turnIsTakenAsContendedUntilArrivalsAreWatched() throws Exception {
		LockTemplate impatient = this.managers.with().turns(3, Duration.ofSeconds(5)).traffic(this.traffic).template();
		this.traffic.watchEvents().shut();
		LockHandle lock = impatient.acquire(A);
		int passes = 0;
		for (int i = 0; i < 8; i++) {
			CompletableFuture<LockHandle> waiter = impatient.acquireAsync(A);
			lock.close();
			LockHandle next = waiter.get();
			if (passed(lock, next)) {
				passes++;
			}
			lock = next;
		}
		assertThat(passes).isEqualTo(6);
		this.traffic.watchEvents().open();
	}

	@Test
	void turnIsTakenAsContendedAfterTheWatchWasInterrupted() throws Exception {
		LockHandle lock = beginWatchedTurn(A);
		this.traffic.watchEvents().shut();
		this.traffic.endWatchStream(Fault.LOST);
		await().until(() -> this.traffic.watchEvents().waiting() > 0);
		CompletableFuture<LockHandle> other = queueOther(A);
		for (int i = 0; i < 16; i++) {
			LockHandle next = next(lock, A);
			assertThat(passed(lock, next)).isTrue();
			lock = next;
		}
		CompletableFuture<LockHandle> local = this.locks.acquireAsync(A);
		lock.close();
		other.get().close();
		this.traffic.watchEvents().open();
		local.get();
	}

	@Test
	void otherProcessGetsItsTurnsWhileThreadsPassTheLockAround() throws Exception {
		AtomicBoolean end = new AtomicBoolean();
		LockTemplate busy = this.managers.template();
		List<CompletableFuture<Void>> threads = new ArrayList<>();
		for (int i = 0; i < 4; i++) {
			threads.add(CompletableFuture.runAsync(() -> {
				while (!end.get()) {
					busy.executeWithoutResult(A, (lock) -> {
					});
				}
			}, (task) -> new Thread(task, "busy").start()));
		}
		long last = 0;
		for (int i = 0; i < 10; i++) {
			try (LockHandle lock = this.others.acquire(A.waitingUpTo(Duration.ofSeconds(5)))) {
				assertThat(lock.fencingToken()).isGreaterThan(last);
				last = lock.fencingToken();
			}
		}
		end.set(true);
		threads.forEach(CompletableFuture::join);
	}

	// Never passed on

	@Test
	void handleWhoseRevisionWasUsedIsNeverPassedOn() throws Exception {
		LockHandle lock = beginWatchedTurn(A);
		long revision = lock.revision();
		LockHandle next = next(lock, A);
		assertThat(next.revision()).isGreaterThan(revision);
	}

	@Test
	void handleWhoseKeysWereUsedIsNeverPassedOn() throws Exception {
		LockHandle lock = beginWatchedTurn(A);
		LockHandle second = next(lock, A);
		List<String> keys = second.ownershipKeys();
		LockHandle third = next(second, A);
		assertThat(third.ownershipKeys()).doesNotContainAnyElementsOf(keys);
	}

	@Test
	void lockIsPassedOnOnlyToTheSameKeys() throws Exception {
		LockRequest both = LockRequest.of("a", "b");
		LockHandle lock = beginWatchedTurn(both);
		LockHandle same = next(lock, both);
		assertThat(passed(lock, same)).isTrue();
		LockHandle fewer = next(same, A);
		assertThat(fewer.fencingToken() / 4096).isGreaterThan(same.fencingToken() / 4096);
		assertThat(this.managers.queued("b")).isEmpty();
		LockHandle more = next(fewer, both);
		assertThat(more.fencingToken() / 4096).isGreaterThan(fewer.fencingToken() / 4096);
		assertThat(this.managers.queued("b")).hasSize(1);
	}

	@Test
	void lockIsNotPassedOnToAnotherMode() throws Exception {
		LockHandle lock = beginWatchedTurn(A);
		LockHandle reader = next(lock, A.shared());
		assertThat(reader.fencingToken() / 4096).isGreaterThan(lock.fencingToken() / 4096);
		assertThat(this.others.tryAcquire(A.shared())).isPresent();
	}

	@Test
	void lockIsNotPassedOnToAnotherTtl() throws Exception {
		LockHandle lock = beginWatchedTurn(A);
		LockRequest request = A.withTtl(Duration.ofSeconds(20));
		this.locks.acquire(LockRequest.of("b").withTtl(Duration.ofSeconds(20))).close();
		LockHandle next = next(lock, request);
		assertThat(next.fencingToken() / 4096).isGreaterThan(lock.fencingToken() / 4096);
		assertThat(this.managers.queued("a").get(0).lease()).isNotEqualTo(lease(lock));
	}

	private static long lease(LockHandle lock) {
		String key = lock.ownershipKeys().get(0);
		return Long.parseUnsignedLong(key.substring(key.lastIndexOf('/') + 1, key.lastIndexOf('-')), 16);
	}

	@Test
	void limitOfZeroHandsOverWithOneWriteEachTime() throws Exception {
		LeaseManager manager = this.managers.with().turns(0, Duration.ZERO).traffic(this.traffic).start();
		LockTemplate plain = manager.lockTemplate();
		LockHandle lock = plain.acquire(A);
		Managers.awaitWatches(manager, 2);
		long revision = lock.fencingToken() / 4096;
		this.traffic.forget();
		for (int i = 0; i < 5; i++) {
			CompletableFuture<LockHandle> waiter = plain.acquireAsync(A);
			lock.close();
			lock = waiter.get();
		}
		assertThat(this.traffic.requests()).isEqualTo(5);
		assertThat(this.traffic.count(Traffic::isHandOver)).isEqualTo(5);
		assertThat(lock.fencingToken() / 4096).isGreaterThan(revision + 4);
	}

	// Loss

	@Test
	void deletedKeyEndsTheTurnAndTheHolderKnows() throws Exception {
		LockHandle lock = beginWatchedTurn(A);
		LockHandle passed = next(lock, A);
		AtomicInteger losses = new AtomicInteger();
		lock.onLost(losses::incrementAndGet);
		passed.onLost(losses::incrementAndGet);
		CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(A);
		this.outsider.delete(this.managers.queued("a").get(0).name());
		await().until(() -> !passed.isHeld());
		LockHandle again = waiter.get();
		assertThat(again.fencingToken() / 4096).isGreaterThan(passed.fencingToken() / 4096);
		await().untilAsserted(() -> assertThat(losses).hasValue(1));
	}

	@Test
	void lostSessionTakesTheWholeTurn() throws Exception {
		LockHandle lock = beginWatchedTurn(A);
		LockHandle passed = next(lock, A);
		CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(A);
		this.outsider.revoke(this.managers.queued("a").get(0).lease());
		await().until(() -> !passed.isHeld());
		passed.close();
		assertThat(waiter.get().fencingToken() / 4096).isGreaterThan(passed.fencingToken() / 4096);
	}

	@Test
	void lockIsNotPassedOnWhileTheLeaseIsDoubtful() throws Exception {
		LockHandle lock = beginWatchedTurn(A);
		CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(A);
		this.traffic.renewals().shut();
		this.clock.sleepMachine(Duration.ofSeconds(2));
		assertThat(lock.isHeld()).isFalse();
		lock.closeAsync();
		await().until(() -> this.traffic.count(Traffic::isHandOver) == 2);
		assertThat(waiter).isNotDone();
		this.traffic.renewals().open();
		LockHandle next = waiter.get();
		assertThat(next.fencingToken() / 4096).isGreaterThan(lock.fencingToken() / 4096);
		assertThat(next.isHeld()).isTrue();
	}

}
