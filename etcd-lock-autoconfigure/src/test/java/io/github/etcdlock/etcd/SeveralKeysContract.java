package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.TxnRequest;
import io.github.etcdlock.InvalidLockKeyException;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.test.EtcdCluster;
import io.github.etcdlock.test.EtcdContents;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/** What a request for several keys at once may rely on. */
abstract class SeveralKeysContract {

	@AutoClose
	private final Managers managers;

	private final EtcdCluster cluster;

	private final Traffic traffic = new Traffic();

	private final LockTemplate locks;

	private final LockTemplate others;

	private final LockTemplate third;

	SeveralKeysContract(EtcdCluster cluster) {
		this.cluster = cluster;
		this.managers = new Managers(cluster);
		this.locks = this.managers.with().traffic(this.traffic).template();
		this.others = this.managers.template();
		this.third = this.managers.template();
	}

	private static LockHandle granted(CompletableFuture<LockHandle> waiter) {
		assertThat(waiter).succeedsWithin(Duration.ofSeconds(5));
		return waiter.join();
	}

	private void awaitQueued(String key, int number) {
		await().until(() -> this.managers.queued(key).size() == number);
	}

	private long revision() {
		return this.cluster.contents().revision();
	}

	/** The first use of a lock manager puts a session key of its own. */
	private void warmUp(LockTemplate process) throws Exception {
		process.acquire("warm").close();
		String sessions = this.managers.prefix() + "/.sessions/";
		int leases = this.managers.leases().size();
		await().until(() -> this.cluster.contents().under(sessions).size() == leases);
	}

	// All or none

	@Test
	void severalKeysAreTakenWithOneWriteAndReleasedWithOne() throws Exception {
		warmUp(this.locks);
		long before = revision();
		this.traffic.forget();
		LockHandle lock = this.locks.acquire(LockRequest.of("a", "b", "c"));
		assertThat(revision()).isEqualTo(before + 1);
		lock.close();
		assertThat(revision()).isEqualTo(before + 2);
		assertThat(this.traffic.requests()).isEqualTo(2);
		assertThat(this.cluster.contents().under(this.managers.prefix())).extracting(EtcdContents.Key::name)
			.allMatch((key) -> key.contains("/.sessions/"));
	}

	@Test
	void keysTakenTogetherHaveOneRevisionAndOneToken() throws Exception {
		LockHandle lock = this.locks.acquire(LockRequest.of("b", "a", "c"));
		assertThat(lock.keys()).containsExactly("b", "a", "c");
		assertThat(lock.ownershipKeys()).containsExactly(this.managers.queued("b").get(0).name(),
				this.managers.queued("a").get(0).name(), this.managers.queued("c").get(0).name());
		for (String key : lock.keys()) {
			assertThat(this.managers.queued(key).get(0).createRevision()).isEqualTo(lock.revision());
			assertThat(this.others.tryAcquire(key)).isEmpty();
			assertThat(this.locks.tryAcquire(key)).isEmpty();
		}
		assertThat(lock.fencingToken()).isEqualTo(lock.revision() * 4096);
	}

	@Test
	void duplicatesCollapse() throws Exception {
		LockHandle lock = this.locks.acquire(LockRequest.of("a", "b", "a"));
		assertThat(lock.keys()).containsExactly("a", "b");
		assertThat(this.managers.queued("a")).hasSize(1);
	}

	@Test
	void thirtyTwoKeysAreTakenAndHandedOverAndOneMoreIsRefused() throws Exception {
		String[] keys = IntStream.range(0, 32).mapToObj((i) -> "k" + i).toArray(String[]::new);
		LockHandle lock = this.locks.acquire(LockRequest.of(keys));
		lock.revision();
		CompletableFuture<LockHandle> next = this.locks.acquireAsync(LockRequest.of(keys));
		long before = revision();
		lock.close();
		assertThat(granted(next).fencingToken()).isGreaterThan(lock.fencingToken());
		assertThat(revision()).isEqualTo(before + 1);
		assertThatExceptionOfType(InvalidLockKeyException.class)
			.isThrownBy(() -> LockRequest.of(IntStream.range(0, 33).mapToObj((i) -> "k" + i).toArray(String[]::new)))
			.withMessageContaining("32")
			.withMessageContaining("33");
	}

	@Test
	void thirtyTwoKeysOfReadersAreTriedTogether() throws Exception {
		String[] keys = IntStream.range(0, 32).mapToObj((i) -> "k" + i).toArray(String[]::new);
		LockRequest read = LockRequest.of(keys).shared();
		assertThat(this.locks.tryAcquire(read)).isPresent();
		assertThat(this.others.tryAcquire(read)).isPresent();
		assertThat(this.others.tryAcquire(LockRequest.of(keys))).isEmpty();
	}

	@Test
	void tryOfSeveralKeysTakesAllOrWritesNothing() throws Exception {
		warmUp(this.locks);
		LockHandle busy = this.others.acquire("b");
		LockRequest request = LockRequest.of("a", "b", "c");
		long before = revision();
		this.traffic.forget();
		for (int i = 0; i < 5; i++) {
			assertThat(this.locks.tryAcquire(request)).isEmpty();
		}
		assertThat(revision()).isEqualTo(before);
		assertThat(this.traffic.requests()).isEqualTo(5);
		busy.close();
		assertThat(this.locks.tryAcquire(request)).isPresent();
		assertThat(revision()).isEqualTo(before + 2);
	}

	@Test
	void tryOfReadersOverSeveralKeysTakesAllOrWritesNothing() throws Exception {
		warmUp(this.locks);
		LockHandle writer = this.others.acquire("b");
		LockHandle reader = this.others.acquire(LockRequest.of("c").shared());
		LockRequest request = LockRequest.of("a", "b", "c").shared();
		long before = revision();
		this.traffic.forget();
		for (int i = 0; i < 5; i++) {
			assertThat(this.locks.tryAcquire(request)).isEmpty();
		}
		assertThat(revision()).isEqualTo(before);
		assertThat(this.traffic.requests()).isEqualTo(5);
		writer.close();
		assertThat(this.locks.tryAcquire(request)).isPresent();
		assertThat(revision()).isEqualTo(before + 2);
		assertThat(reader.isHeld()).isTrue();
	}

	@Test
	void writerThatComesBetweenReadAndPutOfATryKeepsTheReaderOut() throws Exception {
		this.others.acquire(LockRequest.of("a").shared());
		warmUp(this.locks);
		Fault read = this.traffic.fault(Fault.Kind.HOLD_ANSWER, SeveralKeysContract::isReadOfLines);
		CompletableFuture<Boolean> tried = CompletableFuture
			.supplyAsync(() -> tried(LockRequest.of("a", "b").shared()));
		read.awaitAnswer();
		LockHandle writer = this.others.acquire("b");
		read.release();
		assertThat(tried).succeedsWithin(Duration.ofSeconds(5)).isEqualTo(false);
		assertThat(writer.isHeld()).isTrue();
		assertThat(this.managers.queued("a")).hasSize(1);
	}

	@Test
	void readerThatComesBetweenReadAndPutOfATryIsNoObstacle() throws Exception {
		warmUp(this.locks);
		Fault read = this.traffic.fault(Fault.Kind.HOLD_ANSWER, SeveralKeysContract::isReadOfLines);
		CompletableFuture<Boolean> tried = CompletableFuture
			.supplyAsync(() -> tried(LockRequest.of("a", "b").shared()));
		read.awaitAnswer();
		this.others.acquire(LockRequest.of("b").shared());
		read.release();
		assertThat(tried).succeedsWithin(Duration.ofSeconds(5)).isEqualTo(true);
	}

	private static boolean isReadOfLines(Object message) {
		return message instanceof TxnRequest request && request.getCompareCount() == 0
				&& request.getSuccessList().stream().allMatch((operation) -> operation.hasRequestRange());
	}

	private boolean tried(LockRequest request) {
		try {
			return this.locks.tryAcquire(request).isPresent();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	// Order

	@Test
	void waiterGetsAllWhenTheLastKeyIsFree() throws Exception {
		LockHandle a = this.others.acquire("a");
		LockHandle b = this.third.acquire("b");
		CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(LockRequest.of("a", "b", "c"));
		awaitQueued("c", 1);
		assertThat(this.third.tryAcquire("c")).isEmpty();
		b.close();
		CompletableFuture<LockHandle> behind = this.third.acquireAsync(LockRequest.of("b"));
		awaitQueued("b", 2);
		assertThat(waiter).isNotDone();
		a.close();
		LockHandle all = granted(waiter);
		assertThat(behind).isNotDone();
		all.close();
		assertThat(granted(behind).fencingToken()).isGreaterThan(all.fencingToken());
	}

	@Test
	void orderOfKeysMakesNoDeadlock() throws Exception {
		List<LockRequest> orders = List.of(LockRequest.of("a", "b", "c"), LockRequest.of("c", "a", "b"),
				LockRequest.of("b", "c", "a"), LockRequest.of("c", "b"), LockRequest.of("b", "a"));
		AtomicBoolean inside = new AtomicBoolean();
		List<CompletableFuture<Void>> all = new ArrayList<>();
		for (int round = 0; round < 6; round++) {
			for (LockTemplate process : List.of(this.locks, this.others, this.third)) {
				for (LockRequest order : orders) {
					all.add(process.acquireAsync(order).thenAccept((lock) -> {
						if (order.keys().size() == 3) {
							assertThat(inside.compareAndSet(false, true)).isTrue();
							inside.set(false);
						}
						lock.closeAsync();
					}));
				}
			}
		}
		assertThat(CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new)))
			.succeedsWithin(Duration.ofSeconds(20));
		await().untilAsserted(() -> assertThat(this.managers.queued("b")).isEmpty());
	}

	@Test
	void localRequestsForOneAndForSeveralAreServedInOrder() throws Exception {
		LockHandle a = this.locks.acquire("a");
		CompletableFuture<LockHandle> both = this.locks.acquireAsync(LockRequest.of("a", "b"));
		CompletableFuture<LockHandle> b = this.locks.acquireAsync(LockRequest.of("b"));
		CompletableFuture<LockHandle> later = this.locks.acquireAsync(LockRequest.of("b", "a"));
		assertThat(this.locks.tryAcquire("b")).isEmpty();
		assertThat(this.managers.queued("b")).isEmpty();
		a.close();
		LockHandle first = granted(both);
		assertThat(List.of(b, later)).noneMatch(CompletableFuture::isDone);
		first.close();
		LockHandle second = granted(b);
		assertThat(later).isNotDone();
		second.close();
		LockHandle last = granted(later);
		assertThat(List.of(a.fencingToken(), first.fencingToken(), second.fencingToken(), last.fencingToken()))
			.isSorted()
			.doesNotHaveDuplicates();
	}

	@Test
	void waiterThatGivesUpLeavesNoneOfItsKeys() throws Exception {
		this.others.acquire("b");
		LockRequest request = LockRequest.of("a", "b", "c");
		assertThatExceptionOfType(LockNotAcquiredException.class)
			.isThrownBy(() -> this.locks.acquire(request.waitingUpTo(Duration.ofMillis(200))))
			.withMessageContaining("\"a\", \"b\", \"c\"");
		awaitQueued("a", 0);
		CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(request);
		awaitQueued("c", 1);
		waiter.cancel(false);
		awaitQueued("c", 0);
		awaitQueued("b", 1);
		assertThat(this.third.tryAcquire(LockRequest.of("a", "c"))).isPresent();
	}

	@Test
	void keyDeletedFromOutsideLosesTheWholeLock() throws Exception {
		LockHandle lock = this.locks.acquire(LockRequest.of("a", "b", "c"));
		LockHandle other = this.others.acquire("d");
		CompletableFuture<LockHandle> waiter = this.others.acquireAsync(LockRequest.of("c", "a"));
		awaitQueued("c", 2);
		try (Outsider outsider = new Outsider(this.cluster.endpoint())) {
			await().pollDelay(Duration.ofMillis(700)).until(lock::isHeld);
			outsider.delete(this.managers.queued("b").get(0).name());
		}
		await().atMost(Duration.ofSeconds(5)).until(() -> !lock.isHeld());
		granted(waiter);
		lock.close();
		assertThat(other.isHeld()).isTrue();
	}

	@Test
	void readersOverSeveralKeysHoldAtOnceAndWriterOfOneWaits() throws Exception {
		LockRequest read = LockRequest.of("a", "b").shared();
		List<LockHandle> readers = List.of(this.locks.acquire(read), this.locks.acquire(read),
				this.others.acquire(read), this.third.acquire(LockRequest.of("b").shared()));
		CompletableFuture<LockHandle> writer = this.third.acquireAsync(LockRequest.of("b"));
		await().until(() -> this.managers.queued("b").stream().anyMatch((key) -> key.value().isEmpty()));
		assertThat(this.others.tryAcquire(read)).isEmpty();
		assertThat(this.others.tryAcquire(LockRequest.of("a").shared())).isPresent();
		readers.forEach(LockHandle::close);
		granted(writer);
	}

	@Test
	void severalKeysAreDowngradedTogether() throws Exception {
		LockHandle lock = this.locks.acquire(LockRequest.of("a", "b"));
		CompletableFuture<LockHandle> reader = this.others.acquireAsync(LockRequest.of("b", "a").shared());
		awaitQueued("a", 2);
		long before = revision();
		lock.downgrade();
		granted(reader);
		assertThat(revision()).isEqualTo(before + 1);
		assertThat(this.third.tryAcquire("a")).isEmpty();
		assertThat(this.third.tryAcquire("b")).isEmpty();
	}

	// Nested

	@Test
	void requestForSomeOfTheKeysHeldJoins() throws Exception {
		warmUp(this.locks);
		this.locks.executeWithoutResult(LockRequest.of("a", "b", "c"), (lock) -> {
			this.traffic.forget();
			for (LockRequest part : List.of(LockRequest.of("a"), LockRequest.of("c", "b"), LockRequest.of("b").shared(),
					LockRequest.of("c", "b", "a"))) {
				this.locks.executeWithoutResult(part,
						(nested) -> assertThat(nested.fencingToken()).isEqualTo(lock.fencingToken()));
			}
			assertThat(this.locks.requireHeld("b").fencingToken()).isEqualTo(lock.fencingToken());
			assertThat(
					this.traffic.count((message) -> message instanceof TxnRequest || message instanceof RangeRequest))
				.isZero();
		});
		assertThat(this.others.tryAcquire(LockRequest.of("a", "b", "c"))).isPresent();
	}

	@Test
	void requestForSomeHeldAndSomeOtherKeysIsRefused() throws Exception {
		this.locks.executeWithoutResult("a", (lock) -> assertThatIllegalStateException()
			.isThrownBy(() -> this.locks.executeWithoutResult(LockRequest.of("a", "b"), (nested) -> {
			}))
			.withMessageContaining("\"a\", \"b\"")
			.withMessageContaining("together"));
		assertThat(this.managers.queued("b")).isEmpty();
		this.locks.executeWithoutResult(LockRequest.of("a", "b"),
				(lock) -> this.locks.executeWithoutResult("c", (nested) -> assertThat(nested.isHeld()).isTrue()));
	}

	@Test
	void nothingOfSeveralKeysIsLeftInEtcdAfterClosing() throws Exception {
		this.locks.acquire(LockRequest.of("a", "b"));
		this.others.acquireAsync(LockRequest.of("b", "c"));
		this.third.acquireAsync(LockRequest.of("c", "a").shared());
		awaitQueued("a", 2);
		awaitQueued("b", 2);
		this.managers.closeAndLeaveNothing();
	}

}
