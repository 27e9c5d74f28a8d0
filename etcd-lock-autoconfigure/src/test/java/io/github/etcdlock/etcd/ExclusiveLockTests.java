package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.test.EtcdContents;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.awaitility.Awaitility.await;

/** What everybody may rely on who takes a lock, within one process and between two. */
class ExclusiveLockTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	private final LockTemplate locks = this.managers.template();

	private final LockTemplate others = this.managers.template();

	@Test
	void holderExcludesOtherProcesses() throws Exception {
		LockHandle lock = this.locks.acquire("a");
		assertThat(this.others.tryAcquire("a")).isEmpty();
		lock.close();
		assertThat(this.others.tryAcquire("a")).isPresent();
		assertThat(this.locks.tryAcquire("a")).isEmpty();
	}

	@Test
	void holderExcludesItsOwnProcess() throws Exception {
		LockHandle lock = this.locks.acquire("a");
		assertThat(this.locks.tryAcquire("a")).isEmpty();
		lock.close();
		assertThat(this.locks.tryAcquire("a")).isPresent();
	}

	@Test
	void tokensStrictlyIncreaseFromHolderToHolder() throws Exception {
		List<Long> tokens = new ArrayList<>();
		for (int i = 0; i < 5; i++) {
			for (LockTemplate process : List.of(this.locks, this.others)) {
				LockHandle lock = process.acquire("a");
				CompletableFuture<LockHandle> next = process.acquireAsync(LockRequest.of("a"));
				tokens.add(lock.fencingToken());
				lock.close();
				tokens.add(next.get().fencingToken());
				next.get().close();
			}
		}
		assertThat(tokens).hasSize(20).doesNotHaveDuplicates().isSorted();
	}

	@Test
	void handleNamesWhatIsInEtcd() throws Exception {
		LockHandle lock = this.locks.acquire("a/b");
		EtcdContents.Key key = this.managers.queued("a/b").get(0);
		assertThat(lock.keys()).containsExactly("a/b");
		assertThat(lock.mode()).isEqualTo(LockMode.EXCLUSIVE);
		assertThat(lock.ownershipKeys()).containsExactly(key.name());
		assertThat(lock.revision()).isEqualTo(key.createRevision());
		assertThat(lock.fencingToken()).isEqualTo(key.createRevision() * 4096);
		assertThat(key.lease()).isNotZero();
		assertThat(lock.toString()).contains("\"a/b\"").contains("held");
	}

	@Test
	void closedLockIsNotHeldAndItsTimeStandsStill() throws Exception {
		LockHandle lock = this.locks.acquire("a");
		assertThat(lock.isHeld()).isTrue();
		await().until(() -> lock.heldFor().toMillis() >= 5);
		lock.close();
		assertThat(lock.isHeld()).isFalse();
		Duration time = lock.heldFor();
		await().pollDelay(Duration.ofMillis(5)).until(() -> lock.heldFor().equals(time));
		assertThat(lock.toString()).contains("released");
	}

	@Test
	void closingTwiceReleasesOnce() throws Exception {
		LockHandle lock = this.locks.acquire("a");
		lock.close();
		LockHandle next = this.others.acquire("a");
		long revision = etcd.cluster().contents().revision();
		lock.close();
		lock.closeAsync().get();
		assertThat(etcd.cluster().contents().revision()).isEqualTo(revision);
		assertThat(next.isHeld()).isTrue();
		assertThat(this.managers.queued("a")).hasSize(1);
	}

	@Test
	void anyThreadMayClose() throws Exception {
		LockHandle lock = this.locks.acquire("a");
		CompletableFuture.runAsync(lock::close).get();
		assertThat(lock.isHeld()).isFalse();
		assertThat(this.others.tryAcquire("a")).isPresent();
	}

	@Test
	void nothingIsInEtcdWhenCloseReturns() throws Exception {
		for (int i = 0; i < 20; i++) {
			this.locks.acquire("a").close();
			assertThat(this.managers.queued("a")).isEmpty();
			this.locks.acquire("a").closeAsync().get();
			assertThat(this.managers.queued("a")).isEmpty();
		}
	}

	@Test
	void handleThatIsReleasedIsNeverLost() throws Exception {
		LockHandle lock = this.locks.acquire("a");
		List<String> calls = new CopyOnWriteArrayList<>();
		lock.onLost(() -> calls.add("lost"));
		lock.close();
		lock.onLost(() -> calls.add("lost afterwards"));
		this.managers.close();
		assertThat(calls).isEmpty();
	}

	@Test
	void waiterGetsTheLockOfAnotherProcessWhenItIsClosed() throws Exception {
		LockHandle lock = this.others.acquire("a");
		CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(LockRequest.of("a"));
		await().until(() -> this.managers.queued("a").size() == 2);
		assertThat(waiter).isNotDone();
		lock.close();
		assertThat(waiter.get().isHeld()).isTrue();
	}

	@Test
	void waitersOfOneProcessAreServedInOrderOfArrival() throws Exception {
		LockHandle lock = this.others.acquire("a");
		List<Integer> order = new CopyOnWriteArrayList<>();
		List<CompletableFuture<Void>> waiters = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			int number = i;
			waiters.add(this.locks.acquireAsync(LockRequest.of("a")).thenAccept((mine) -> {
				order.add(number);
				mine.closeAsync();
			}));
		}
		lock.close();
		CompletableFuture.allOf(waiters.toArray(CompletableFuture<?>[]::new)).get();
		assertThat(order).hasSize(20).isSorted();
	}

	@Test
	void onlyTheFirstWaiterOfAProcessStandsInEtcd() throws Exception {
		LockHandle lock = this.others.acquire("a");
		for (int i = 0; i < 10; i++) {
			this.locks.acquireAsync(LockRequest.of("a"));
		}
		await().until(() -> this.managers.queued("a").size() == 2);
		lock.close();
		await().until(() -> this.managers.queued("a").size() == 1);
	}

	@Test
	void acquireEndsWithItsWaitTime() throws Exception {
		this.locks.acquire("warm").close();
		LockHandle lock = this.others.acquire("a");
		LockRequest request = LockRequest.of("a").waitingUpTo(Duration.ofMillis(200));
		long start = System.nanoTime();
		assertThatExceptionOfType(LockNotAcquiredException.class).isThrownBy(() -> this.locks.acquire(request))
			.withMessageContaining("\"a\"")
			.withMessageContaining("held by another");
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(200),
				Duration.ofSeconds(5));
		await().until(() -> this.managers.queued("a").size() == 1);
		assertThat(lock.isHeld()).isTrue();
	}

	@Test
	void defaultWaitTimeIsThatOfTheSettings() throws Exception {
		this.others.acquire("a");
		LockTemplate impatient = this.managers.with().waitTime(Duration.ofMillis(50)).template();
		assertThatExceptionOfType(LockNotAcquiredException.class).isThrownBy(() -> impatient.acquire("a"));
	}

	@Test
	void tryWithAWaitTimeWaits() throws Exception {
		LockHandle lock = this.others.acquire("a");
		LockRequest request = LockRequest.of("a").waitingUpTo(Duration.ofSeconds(5));
		CompletableFuture<Optional<LockHandle>> waiter = CompletableFuture.supplyAsync(() -> tried(request));
		await().until(() -> this.managers.queued("a").size() == 2);
		lock.close();
		assertThat(waiter.get()).isPresent();
		assertThat(this.others.tryAcquire(LockRequest.of("a").waitingUpTo(Duration.ofMillis(50)))).isEmpty();
	}

	private Optional<LockHandle> tried(LockRequest request) {
		try {
			return this.locks.tryAcquire(request);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void zeroWaitTimeTriesOnce() throws Exception {
		LockRequest request = LockRequest.of("a").waitingUpTo(Duration.ZERO);
		LockHandle lock = this.locks.acquire(request);
		assertThatExceptionOfType(LockNotAcquiredException.class).isThrownBy(() -> this.others.acquire(request));
		assertThatExceptionOfType(LockNotAcquiredException.class).isThrownBy(() -> this.locks.acquire(request));
		assertThat(this.locks.acquireAsync(request)).failsWithin(Duration.ofSeconds(5))
			.withThrowableThat()
			.withCauseInstanceOf(LockNotAcquiredException.class);
		lock.close();
		this.others.acquire(request).close();
	}

	@Test
	void longestWaitTimeIsForEver() throws Exception {
		LockHandle lock = this.others.acquire("a");
		LockRequest request = LockRequest.of("a").waitingUpTo(Duration.ofSeconds(Long.MAX_VALUE));
		CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(request);
		CompletableFuture<Optional<LockHandle>> blocked = CompletableFuture.supplyAsync(() -> tried(request));
		lock.close();
		waiter.get().close();
		assertThat(blocked.get()).isPresent();
	}

	@Test
	void differentTtlsExcludeEachOther() throws Exception {
		LockHandle lock = this.locks.acquire(LockRequest.of("a").withTtl(Duration.ofSeconds(20)));
		LockRequest request = LockRequest.of("a").withTtl(Duration.ofSeconds(40));
		assertThat(this.locks.tryAcquire(request)).isEmpty();
		assertThat(this.others.tryAcquire(request)).isEmpty();
		CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(request);
		lock.close();
		LockHandle next = waiter.get();
		assertThat(next.fencingToken()).isGreaterThan(lock.fencingToken());
		assertThat(this.managers.leases()).hasSize(3);
		assertThat(this.locks.tryAcquire("a")).isEmpty();
	}

	@Test
	void futuresCompleteOnThreadsOfOurOwn() throws Exception {
		List<String> threads = new CopyOnWriteArrayList<>();
		LockHandle lock = this.others.acquire("a");
		CompletableFuture<Void> granted = this.locks.acquireAsync(LockRequest.of("a")).thenAccept((mine) -> {
			threads.add(Thread.currentThread().getName());
			mine.closeAsync().thenRun(() -> threads.add(Thread.currentThread().getName())).join();
		});
		LockRequest impatient = LockRequest.of("a").waitingUpTo(Duration.ofSeconds(1));
		CompletableFuture<Void> refused = this.locks.acquireAsync(impatient)
			.handle((mine, failure) -> threads.add(Thread.currentThread().getName()))
			.thenAccept((added) -> {
			});
		refused.get();
		lock.close();
		granted.get();
		assertThat(threads).hasSize(3).allMatch((name) -> name.startsWith("etcd-lock-callback"));
	}

	@Test
	void callbacksThatBlockHoldUpNoLock() throws Exception {
		CountDownLatch end = new CountDownLatch(1);
		try {
			for (int i = 0; i < 8; i++) {
				// Free only once the callback is registered, which would else run, and
				// block, right here.
				LockHandle before = this.others.acquire("blocked-" + i);
				this.locks.acquireAsync(LockRequest.of("blocked-" + i)).thenRun(() -> blockUntil(end));
				before.close();
			}
			List<CompletableFuture<LockHandle>> many = new ArrayList<>();
			for (int i = 0; i < 500; i++) {
				many.add(this.locks.acquireAsync(LockRequest.of("many-" + i)));
			}
			for (int i = 0; i < 100; i++) {
				this.locks.acquire("free").close();
			}
		}
		finally {
			end.countDown();
		}
	}

	private static void blockUntil(CountDownLatch end) {
		try {
			end.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "a", "a/b", "a/", "/", "%2F", "%2f", "..", ".", ".locks", "line\nbreak", " a ",
			"\ud83d\udd12", "\u00e9", "e\u0301", "A", "*", "a\u0000b" })
	void everyNameIsALockOfItsOwn(String key) throws Exception {
		List<String> all = List.of("a", "a/b", "a/", "/", "%2F", "%2f", "..", ".", ".locks", "line\nbreak", " a ",
				"\ud83d\udd12", "\u00e9", "e\u0301", "A", "*", "a\u0000b");
		LockHandle lock = this.locks.acquire(key);
		assertThat(lock.ownershipKeys().get(0).substring(this.managers.prefix().length() + 1)).containsOnlyOnce("/")
			.doesNotStartWith(".");
		for (String other : all) {
			assertThat(this.others.tryAcquire(other).isPresent()).as(other).isEqualTo(!other.equals(key));
		}
	}

	@Test
	void nothingIsLeftInEtcdAfterClosing() throws Exception {
		this.locks.acquire("a");
		this.others.acquire(LockRequest.of("b").withTtl(Duration.ofSeconds(20)));
		this.locks.acquireAsync(LockRequest.of("b"));
		await().until(() -> this.managers.queued("b").size() == 2);
		assertThatNoException().isThrownBy(this.managers::closeAndLeaveNothing);
	}

}
