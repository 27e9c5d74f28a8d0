package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.test.EtcdContents;
import io.github.etcdlock.test.EtcdExtension;
import io.github.etcdlock.test.TcpProxy;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/** Schedules in which readers and writers would meet, or wait for nothing. */
class SharedLockFaultTests {

	private static final LockRequest WRITE = LockRequest.of("a");

	private static final LockRequest READ = WRITE.shared();

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	@AutoClose
	private final Outsider outsider = new Outsider(etcd.endpoint());

	private final Traffic traffic = new Traffic();

	private final LockTemplate locks = this.managers.with()
		.requestTimeout(Duration.ofMillis(1500))
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

	private static boolean isDowngrade(Object message) {
		return message instanceof TxnRequest request
				&& request.getSuccessList()
					.stream()
					.allMatch((operation) -> operation.hasRequestPut() && isShared(operation))
				&& request.getCompareList().stream().allMatch((guard) -> guard.getCreateRevision() > 0);
	}

	private static boolean isShared(RequestOp put) {
		return put.getRequestPut().getValue().equals(PlaceRequests.SHARED);
	}

	private void awaitQueued(int number) {
		await().until(() -> this.managers.queued("a").size() == number);
	}

	// Downgrade

	@ParameterizedTest
	@ValueSource(strings = { "LOSE_REQUEST", "LOSE_ANSWER" })
	void downgradeThatGetsLostIsRepeated(String kind) throws Exception {
		LockHandle lock = this.locks.acquire(WRITE);
		Fault lost = this.traffic.fault(Fault.Kind.valueOf(kind), SharedLockFaultTests::isDowngrade);
		lock.downgrade();
		assertThat(lost.met()).isTrue();
		assertThat(this.managers.queued("a")).extracting(EtcdContents.Key::value).containsExactly("shared");
		assertThat(this.others.tryAcquire(READ)).isPresent();
	}

	@Test
	void downgradeThatMayHaveArrivedCountsAsShared() throws Exception {
		LockHandle lock = this.locks.acquire(WRITE);
		for (int i = 0; i < 30; i++) {
			this.traffic.fault(Fault.Kind.LOSE_ANSWER, SharedLockFaultTests::isDowngrade);
		}
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(lock::downgrade)
			.withMessageContaining("\"a\"");
		assertThat(lock.mode()).isEqualTo(LockMode.SHARED);
		assertThat(lock.isHeld()).isTrue();
		LockHandle reader = this.others.acquire(READ);
		CompletableFuture<LockHandle> writer = this.locks.acquireAsync(WRITE);
		lock.close();
		awaitQueued(2);
		assertThat(writer).isNotDone();
		reader.close();
		granted(writer);
	}

	@Test
	void downgradeThatNeverLeftKeepsTheLockExclusive() throws Exception {
		try (TcpProxy link = TcpProxy.to(etcd.endpoint())) {
			LeaseManager manager = this.managers.with()
				.endpoints(List.of(link.endpoint()))
				.requestTimeout(Duration.ofMillis(1500))
				.start();
			LockHandle lock = manager.lockTemplate().acquire(WRITE);
			link.refuse();
			await().until(() -> link.connections() == 0);
			assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(lock::downgrade);
			link.pass();
			assertThat(lock.mode()).isEqualTo(LockMode.EXCLUSIVE);
			assertThat(lock.isHeld()).isTrue();
			assertThat(this.others.tryAcquire(READ)).isEmpty();
			lock.downgrade();
			assertThat(this.others.tryAcquire(READ)).isPresent();
			manager.close();
		}
	}

	@Test
	void downgradeThatArrivesAfterTheReleasePutsNothing() throws Exception {
		LockHandle lock = this.locks.acquire(WRITE);
		Fault lost = this.traffic.fault(Fault.Kind.LOSE_REQUEST, SharedLockFaultTests::isDowngrade);
		lock.downgrade();
		lock.close();
		assertThat(this.outsider.txn(lost.awaitRequest(TxnRequest.class)).getSucceeded()).isFalse();
		assertThat(this.managers.queued("a")).isEmpty();
	}

	@Test
	void downgradeOfALockWhoseKeyIsGoneSaysSo() throws Exception {
		LockHandle lock = this.locks.acquire(WRITE);
		AtomicInteger losses = new AtomicInteger();
		lock.onLost(losses::incrementAndGet);
		this.outsider.delete(this.managers.queued("a").get(0).name());
		assertThatExceptionOfType(LockLostException.class).isThrownBy(lock::downgrade).withMessageContaining("\"a\"");
		assertThat(lock.isHeld()).isFalse();
		await().until(() -> losses.get() == 1);
		assertThat(this.managers.queued("a")).isEmpty();
	}

	@Test
	void lockIsNotPassedOnAsExclusiveWhileItsDowngradeIsOnItsWay() throws Exception {
		LockHandle lock = this.locks.acquire(WRITE);
		CompletableFuture<LockHandle> next = this.locks.acquireAsync(WRITE);
		Fault held = this.traffic.fault(Fault.Kind.HOLD_ANSWER, SharedLockFaultTests::isDowngrade);
		CompletableFuture<Void> downgrade = CompletableFuture.runAsync(lock::downgrade);
		held.awaitAnswer();
		LockHandle reader = this.others.acquire(READ);
		lock.closeAsync();
		awaitQueued(2);
		assertThat(next).isNotDone();
		reader.close();
		LockHandle writer = granted(next);
		assertThat(writer.fencingToken()).isGreaterThan(reader.fencingToken());
		held.release();
		await().until(downgrade::isDone);
		assertThat(writer.isHeld()).isTrue();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void downgradeThatOvertakesTheAnswerOfAReaderIsSeen(boolean watching) throws Exception {
		if (watching) {
			LockHandle earlier = this.others.acquire(WRITE);
			CompletableFuture<LockHandle> reader = this.locks.acquireAsync(READ);
			awaitQueued(2);
			earlier.close();
			granted(reader).close();
		}
		LockHandle lock = this.others.acquire(WRITE);
		Fault held = this.traffic.fault(Fault.Kind.HOLD_ANSWER, Traffic::isTake);
		CompletableFuture<LockHandle> reader = this.locks.acquireAsync(READ);
		held.awaitAnswer();
		lock.downgrade();
		held.release();
		granted(reader);
		assertThat(lock.isHeld()).isTrue();
	}

	@Test
	void downgradeIsSeenAfterTheWatchStreamWasReplaced() throws Exception {
		LockHandle lock = this.others.acquire(WRITE);
		CompletableFuture<LockHandle> reader = this.locks.acquireAsync(READ);
		awaitQueued(2);
		await().until(() -> !this.traffic.watches().isEmpty());
		this.traffic.watchEvents().shut();
		lock.downgrade();
		assertThat(reader).isNotDone();
		this.traffic.endWatchStream(Fault.LOST);
		this.traffic.watchEvents().open();
		granted(reader);
	}

	// Sharing

	@Test
	void keyIsNotSharedWhileNobodyWouldSeeAWriterCome() throws Exception {
		List<LockHandle> readers = new ArrayList<>(List.of(this.locks.acquire(READ), this.locks.acquire(READ)));
		await().until(() -> !sharesNothing(readers));
		this.traffic.watchEvents().shut();
		this.traffic.endWatchStream(Fault.LOST);
		await().until(() -> this.traffic.watchEvents().waiting() > 0);
		int before = this.managers.queued("a").size();
		readers.add(this.locks.acquire(READ));
		readers.add(this.locks.acquire(READ));
		assertThat(this.managers.queued("a")).hasSize(before + 2);
	}

	/** Whether the next reader puts a key of its own. */
	private boolean sharesNothing(List<LockHandle> readers) throws Exception {
		int before = this.managers.queued("a").size();
		readers.add(this.locks.acquire(READ));
		return this.managers.queued("a").size() > before;
	}

	@Test
	void readersWhoShareAKeyLoseItTogether() throws Exception {
		List<LockHandle> readers = new ArrayList<>(List.of(this.locks.acquire(READ), this.locks.acquire(READ)));
		await().until(() -> !sharesNothing(readers));
		long token = readers.get(readers.size() - 1).fencingToken();
		readers.add(this.locks.acquire(READ));
		List<LockHandle> sharing = readers.stream().filter((reader) -> reader.fencingToken() == token).toList();
		AtomicInteger losses = new AtomicInteger();
		sharing.forEach((reader) -> reader.onLost(losses::incrementAndGet));
		EtcdContents.Key key = this.managers.queued("a")
			.stream()
			.filter((candidate) -> candidate.createRevision() == token / 4096)
			.findAny()
			.orElseThrow();
		this.outsider.delete(key.name());
		await().atMost(Duration.ofSeconds(5)).until(() -> losses.get() == sharing.size());
		assertThat(sharing).hasSizeGreaterThan(1).noneMatch(LockHandle::isHeld);
		assertThat(readers).anyMatch(LockHandle::isHeld);
	}

	@Test
	void readerWhoseAnswerIsLostStandsOnlyOnceInLine() throws Exception {
		for (LockRequest request : List.of(READ, READ.waitingUpTo(Duration.ZERO))) {
			LockHandle earlier = this.others.acquire(READ);
			Fault lost = this.traffic.fault(Fault.Kind.LOSE_ANSWER, (message) -> message instanceof TxnRequest);
			LockHandle reader = this.locks.acquire(request);
			assertThat(lost.met()).isTrue();
			awaitQueued(2);
			CompletableFuture<LockHandle> writer = this.others.acquireAsync(WRITE);
			awaitQueued(3);
			reader.close();
			earlier.close();
			granted(writer).close();
		}
	}

	@Test
	void releaseOfTheLastReaderThatGetsLostStillLetsTheWriterIn() throws Exception {
		LockHandle reader = this.locks.acquire(READ);
		CompletableFuture<LockHandle> there = this.others.acquireAsync(WRITE);
		awaitQueued(2);
		CompletableFuture<LockHandle> here = this.locks.acquireAsync(WRITE);
		awaitQueued(3);
		this.traffic.fault(Fault.Kind.LOSE_REQUEST, Traffic::isRelease);
		reader.close();
		granted(there).close();
		granted(here);
	}

}
