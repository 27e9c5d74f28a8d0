package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockMode;
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

/** What readers and writers of one lock may rely on. */
abstract class SharedLockContract {

	private static final LockRequest WRITE = LockRequest.of("a");

	private static final LockRequest READ = WRITE.shared();

	@AutoClose
	private final Managers managers;

	private final EtcdCluster cluster;

	private final LockTemplate locks;

	private final LockTemplate others;

	private final LockTemplate third;

	SharedLockContract(EtcdCluster cluster) {
		this.cluster = cluster;
		this.managers = new Managers(cluster);
		this.locks = this.managers.template();
		this.others = this.managers.template();
		this.third = this.managers.template();
	}

	/** Asks, and returns when the request stands in line in etcd. */
	private CompletableFuture<LockHandle> queue(LockTemplate process, LockRequest request) {
		int before = this.managers.queued("a").size();
		CompletableFuture<LockHandle> waiter = process.acquireAsync(request);
		await().until(() -> this.managers.queued("a").size() > before);
		assertThat(waiter).isNotDone();
		return waiter;
	}

	private static LockHandle granted(CompletableFuture<LockHandle> waiter) {
		assertThat(waiter).succeedsWithin(Duration.ofSeconds(5));
		return waiter.join();
	}

	// Together and apart

	@Test
	void readersHoldAtOnceInOneProcessAndInSeveral() throws Exception {
		List<LockHandle> readers = new ArrayList<>();
		for (LockTemplate process : List.of(this.locks, this.others, this.third)) {
			for (int i = 0; i < 3; i++) {
				readers.add(process.acquire(READ));
			}
			readers.add(process.tryAcquire(READ).orElseThrow());
		}
		assertThat(readers).allMatch(LockHandle::isHeld).allMatch((lock) -> lock.mode() == LockMode.SHARED);
	}

	@Test
	void writerKeepsReadersOut() throws Exception {
		LockHandle writer = this.locks.acquire(WRITE);
		assertThat(this.locks.tryAcquire(READ)).isEmpty();
		assertThat(this.others.tryAcquire(READ)).isEmpty();
		CompletableFuture<LockHandle> here = this.locks.acquireAsync(READ);
		CompletableFuture<LockHandle> there = queue(this.others, READ);
		assertThat(here).isNotDone();
		writer.close();
		assertThat(granted(here).isHeld()).isTrue();
		assertThat(granted(there).isHeld()).isTrue();
	}

	@Test
	void everyReaderKeepsWritersOut() throws Exception {
		List<LockHandle> readers = List.of(this.locks.acquire(READ), this.locks.acquire(READ),
				this.others.acquire(READ), this.locks.acquire(READ));
		CompletableFuture<LockHandle> writer = queue(this.third, WRITE);
		for (LockHandle reader : readers) {
			assertThat(this.locks.tryAcquire(WRITE)).isEmpty();
			assertThat(this.others.tryAcquire(WRITE)).isEmpty();
			assertThat(writer).isNotDone();
			reader.close();
		}
		assertThat(granted(writer).isHeld()).isTrue();
	}

	@Test
	void waitingWriterOfAnotherProcessStopsLaterReaders() throws Exception {
		LockHandle reader = this.locks.acquire(READ);
		CompletableFuture<LockHandle> writer = queue(this.others, WRITE);
		assertThat(this.locks.tryAcquire(READ)).isEmpty();
		assertThat(this.third.tryAcquire(READ)).isEmpty();
		CompletableFuture<LockHandle> here = queue(this.locks, READ);
		CompletableFuture<LockHandle> there = queue(this.third, READ);
		reader.close();
		LockHandle wrote = granted(writer);
		assertThat(here).isNotDone();
		assertThat(there).isNotDone();
		wrote.close();
		granted(here);
		granted(there);
	}

	@Test
	void waitingWriterOfTheSameProcessStopsLaterReaders() throws Exception {
		LockHandle reader = this.locks.acquire(READ);
		CompletableFuture<LockHandle> writer = queue(this.locks, WRITE);
		CompletableFuture<LockHandle> here = this.locks.acquireAsync(READ);
		CompletableFuture<LockHandle> there = queue(this.others, READ);
		assertThat(this.locks.tryAcquire(READ)).isEmpty();
		reader.close();
		LockHandle wrote = granted(writer);
		assertThat(List.of(here, there)).noneMatch(CompletableFuture::isDone);
		wrote.close();
		granted(here);
		granted(there);
	}

	@Test
	void writerThatGivesUpLetsReadersIn() throws Exception {
		LockHandle reader = this.locks.acquire(READ);
		CompletableFuture<LockHandle> writer = queue(this.others, WRITE);
		CompletableFuture<LockHandle> here = queue(this.locks, READ);
		CompletableFuture<LockHandle> there = queue(this.third, READ);
		writer.cancel(false);
		assertThat(granted(here).isHeld()).isTrue();
		assertThat(granted(there).isHeld()).isTrue();
		assertThat(reader.isHeld()).isTrue();
	}

	@Test
	void readersThatWaitTogetherAreAdmittedTogether() throws Exception {
		LockHandle writer = this.others.acquire(WRITE);
		List<CompletableFuture<LockHandle>> readers = new ArrayList<>();
		for (int i = 0; i < 10; i++) {
			readers.add(this.locks.acquireAsync(READ));
			readers.add(this.third.acquireAsync(READ));
		}
		writer.close();
		readers.forEach(SharedLockContract::granted);
		assertThat(readers).allMatch((reader) -> reader.join().isHeld());
	}

	@Test
	void readersThatTryAtOnceAllGetIt() {
		for (int round = 0; round < 10; round++) {
			List<CompletableFuture<Optional<LockHandle>>> readers = new ArrayList<>();
			for (int i = 0; i < 4; i++) {
				readers.add(CompletableFuture.supplyAsync(() -> tried(this.locks)));
				readers.add(CompletableFuture.supplyAsync(() -> tried(this.others)));
			}
			assertThat(readers).allMatch((reader) -> reader.join().isPresent());
			readers.forEach((reader) -> reader.join().orElseThrow().close());
		}
	}

	private static Optional<LockHandle> tried(LockTemplate process) {
		try {
			return process.tryAcquire(READ);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void tryOfAReaderWritesOnceOrNothing() throws Exception {
		this.others.acquire("warm").close();
		LockHandle writer = this.locks.acquire(WRITE);
		long revision = this.cluster.contents().revision();
		for (int i = 0; i < 5; i++) {
			assertThat(this.others.tryAcquire(READ)).isEmpty();
		}
		assertThat(this.cluster.contents().revision()).isEqualTo(revision);
		writer.close();
		LockHandle reader = this.locks.tryAcquire(READ).orElseThrow();
		assertThat(this.others.tryAcquire(READ)).isPresent();
		assertThat(this.cluster.contents().revision()).isEqualTo(revision + 3);
		reader.close();
	}

	@Test
	void keyOfAnotherProgramCountsAsExclusive() throws Exception {
		try (Outsider outsider = new Outsider(this.cluster.endpoint())) {
			String key = this.managers.line("a") + "1234";
			outsider.put(key);
			assertThat(this.locks.tryAcquire(READ)).isEmpty();
			CompletableFuture<LockHandle> reader = queue(this.locks, READ);
			outsider.delete(key);
			granted(reader);
		}
	}

	// One key for many readers

	@Test
	void readersOfOneProcessShareAKeyWhileNobodyElseWaits() throws Exception {
		List<LockHandle> readers = new ArrayList<>(List.of(this.locks.acquire(READ)));
		await().until(() -> {
			int before = this.managers.queued("a").size();
			readers.add(this.locks.acquire(READ));
			return this.managers.queued("a").size() == before;
		});
		long revision = this.cluster.contents().revision();
		for (int i = 0; i < 20; i++) {
			readers.add(this.locks.acquire(READ));
		}
		assertThat(this.cluster.contents().revision()).isEqualTo(revision);
		List<LockHandle> sharing = readers.subList(readers.size() - 20, readers.size());
		assertThat(sharing).extracting(LockHandle::fencingToken).containsOnly(sharing.get(0).fencingToken());
		CompletableFuture<LockHandle> writer = queue(this.others, WRITE);
		while (readers.size() > 1) {
			readers.remove(readers.size() / 2).close();
		}
		assertThat(writer).isNotDone();
		assertThat(readers.get(0).isHeld()).isTrue();
		readers.get(0).close();
		granted(writer);
	}

	@Test
	void readersWithAnotherTtlHaveAKeyOfTheirOwn() throws Exception {
		LockHandle reader = this.locks.acquire(READ);
		this.locks.acquire(READ.withTtl(Duration.ofSeconds(20)));
		assertThat(this.managers.queued("a")).hasSize(2).extracting(EtcdContents.Key::lease).doesNotHaveDuplicates();
		reader.close();
		assertThat(this.others.tryAcquire(WRITE)).isEmpty();
	}

	// Tokens

	@Test
	void writersAreAboveAllReadersBeforeAndReadersAboveAllWritersBefore() throws Exception {
		long last = 0;
		for (int i = 0; i < 3; i++) {
			try (LockHandle writer = this.others.acquire(WRITE)) {
				assertThat(writer.fencingToken()).isGreaterThan(last);
				last = writer.fencingToken();
			}
			List<LockHandle> readers = new ArrayList<>();
			for (LockTemplate process : List.of(this.locks, this.others, this.locks, this.third, this.locks)) {
				readers.add(process.acquire(READ));
			}
			for (LockHandle reader : readers) {
				assertThat(reader.fencingToken()).isGreaterThan(last);
			}
			last = readers.stream().mapToLong(LockHandle::fencingToken).max().orElseThrow();
			readers.forEach(LockHandle::close);
		}
	}

	// Nested

	@Test
	void askingForExclusiveWhileHoldingSharedIsRefused() {
		this.locks.executeWithoutResult(READ, (lock) -> assertThatIllegalStateException()
			.isThrownBy(() -> this.locks.executeWithoutResult(WRITE, (nested) -> {
			}))
			.withMessageContaining("\"a\"")
			.withMessageContaining("from the start"));
		this.locks.executeWithoutResult(WRITE, (lock) -> assertThat(lock.isHeld()).isTrue());
	}

	@Test
	void askingForSharedWhileHoldingExclusiveJoins() {
		this.locks.executeWithoutResult(WRITE, (lock) -> this.locks.executeWithoutResult(READ,
				(nested) -> assertThat(nested.fencingToken()).isEqualTo(lock.fencingToken())));
	}

	@Test
	void askingForExclusiveAfterDowngradeIsRefused() {
		this.locks.executeWithoutResult(WRITE, (lock) -> {
			lock.downgrade();
			this.locks.executeWithoutResult(READ, (nested) -> assertThat(nested.isHeld()).isTrue());
			assertThatIllegalStateException().isThrownBy(() -> this.locks.executeWithoutResult(WRITE, (nested) -> {
			}));
		});
	}

	// Downgrade

	@Test
	void downgradeIsOneWriteThatKeepsKeyTokenAndLease() throws Exception {
		LockHandle lock = this.locks.acquire(WRITE);
		long token = lock.fencingToken();
		EtcdContents.Key before = this.managers.queued("a").get(0);
		long revision = this.cluster.contents().revision();
		lock.downgrade();
		EtcdContents.Key after = this.managers.queued("a").get(0);
		assertThat(this.cluster.contents().revision()).isEqualTo(revision + 1);
		assertThat(after.name()).isEqualTo(before.name());
		assertThat(after.createRevision()).isEqualTo(before.createRevision());
		assertThat(after.lease()).isEqualTo(before.lease()).isNotZero();
		assertThat(lock.fencingToken()).isEqualTo(token);
		assertThat(lock.mode()).isEqualTo(LockMode.SHARED);
		assertThat(lock.isHeld()).isTrue();
		lock.close();
		assertThat(this.managers.queued("a")).isEmpty();
	}

	@Test
	void downgradeLetsWaitingReadersIn() throws Exception {
		LockHandle lock = this.locks.acquire(WRITE);
		CompletableFuture<LockHandle> here = this.locks.acquireAsync(READ);
		CompletableFuture<LockHandle> there = queue(this.others, READ);
		lock.downgrade();
		granted(here);
		granted(there);
		assertThat(this.third.tryAcquire(READ)).isPresent();
		assertThat(this.third.tryAcquire(WRITE)).isEmpty();
		assertThat(lock.isHeld()).isTrue();
	}

	@Test
	void noWriterSlipsInBetweenWhenALockIsDowngraded() throws Exception {
		LockHandle lock = this.locks.acquire(WRITE);
		CompletableFuture<LockHandle> writer = queue(this.others, WRITE);
		CompletableFuture<LockHandle> late = queue(this.third, READ);
		lock.downgrade();
		assertThat(this.locks.tryAcquire(READ)).isEmpty();
		assertThat(lock.isHeld()).isTrue();
		assertThat(List.of(writer, late)).noneMatch(CompletableFuture::isDone);
		lock.close();
		LockHandle wrote = granted(writer);
		assertThat(wrote.fencingToken()).isGreaterThan(lock.fencingToken());
		assertThat(late).isNotDone();
		wrote.close();
		granted(late);
	}

	@Test
	void localWriterWaitsForADowngradedLockToo() throws Exception {
		LockHandle lock = this.locks.acquire(WRITE);
		CompletableFuture<LockHandle> writer = this.locks.acquireAsync(WRITE);
		lock.downgrade();
		await().until(() -> this.managers.queued("a").size() == 2);
		assertThat(writer).isNotDone();
		lock.close();
		assertThat(granted(writer).fencingToken()).isGreaterThan(lock.fencingToken());
	}

	@Test
	void onlyAnExclusiveLockThatIsHeldIsDowngraded() throws Exception {
		LockHandle reader = this.locks.acquire(READ);
		assertThatIllegalStateException().isThrownBy(reader::downgrade).withMessageContaining("\"a\"");
		reader.close();
		LockHandle writer = this.locks.acquire(WRITE);
		writer.close();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(writer::downgrade).withMessageContaining("\"a\"");
	}

	@Test
	void nothingOfReadersIsLeftInEtcdAfterClosing() throws Exception {
		this.locks.acquire(READ);
		this.locks.acquire(READ);
		this.others.acquire(READ);
		queue(this.third, WRITE);
		queue(this.others, READ);
		this.managers.closeAndLeaveNothing();
	}

}
