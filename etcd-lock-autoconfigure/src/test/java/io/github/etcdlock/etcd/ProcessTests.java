package io.github.etcdlock.etcd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.test.ChildJvm;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Locks between processes, some of which die or stand still, and some of which are Go
 * programs.
 */
class ProcessTests {

	private static final Duration TTL = Duration.ofSeconds(3);

	/** For those who begin a new session within a third of it. */
	private static final Duration LONGER_TTL = TTL.multipliedBy(2);

	/** After its TTL etcd takes up to this long to end a lease. */
	private static final Duration EXPIRY = TTL.plusSeconds(5);

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	private final LockTemplate locks = this.managers.template();

	private ChildJvm startChild(Duration ttl) {
		return LockingProcess.start(etcd.endpoint(), this.managers.prefix(), ttl);
	}

	private record Entry(long token, long process, int arrival) {

		static Entry of(String line) {
			String[] parts = line.split(" ");
			return new Entry(Long.parseLong(parts[0]), Long.parseLong(parts[1]), Integer.parseInt(parts[2]));
		}

	}

	@Test
	void manyThreadsOfTwoProcessesNeverHoldALockTogether(@TempDir Path folder) throws Exception {
		int threads = 8;
		int rounds = 25;
		Files.writeString(folder.resolve("counter"), "0");
		Files.createFile(folder.resolve("journal"));
		LockHandle first = this.locks.acquire("a");
		try (ChildJvm one = startChild(Duration.ofSeconds(30)); ChildJvm other = startChild(Duration.ofSeconds(30))) {
			for (ChildJvm child : List.of(one, other)) {
				child.send("work a " + threads + " " + rounds + " " + folder);
			}
			// Neither is to have done its work before the other begins.
			await().until(() -> this.managers.queued("a").size() == 3);
			first.close();
			one.expect("worked");
			other.expect("worked");
		}
		assertThat(Files.readString(folder.resolve("counter"))).isEqualTo(Integer.toString(2 * threads * rounds));
		List<Entry> journal = journal(folder);
		assertThat(journal).hasSize(2 * threads * rounds);
		assertThat(journal).extracting(Entry::token).doesNotHaveDuplicates().isSorted();
		servedInOrderOfArrival(journal);
		tookTurns(journal);
	}

	private static List<Entry> journal(Path folder) throws IOException {
		return Files.readAllLines(folder.resolve("journal")).stream().map(Entry::of).toList();
	}

	private static void servedInOrderOfArrival(List<Entry> journal) {
		Map<Long, List<Integer>> arrivals = new HashMap<>();
		journal.forEach((entry) -> arrivals.computeIfAbsent(entry.process(), (process) -> new ArrayList<>())
			.add(entry.arrival()));
		assertThat(arrivals).hasSize(2);
		arrivals.values().forEach((order) -> assertThat(order).isSorted());
	}

	/** Neither process has the lock for long while the other waits for it. */
	private static void tookTurns(List<Entry> journal) {
		long last = journal.get(journal.size() - 1).process();
		int ended = journal.size();
		while (journal.get(ended - 1).process() == last) {
			ended--;
		}
		int began = 0;
		while (journal.get(began).process() == journal.get(0).process()) {
			began++;
		}
		int turns = 1;
		int longest = 1;
		int length = 1;
		for (int i = began + 1; i < ended; i++) {
			boolean same = journal.get(i).process() == journal.get(i - 1).process();
			length = same ? length + 1 : 1;
			turns += same ? 0 : 1;
			longest = Math.max(longest, length);
		}
		assertThat(longest).as("the longest turn of %s", turns).isLessThanOrEqualTo(34);
		assertThat(ended - began).as("times they both wanted it").isGreaterThan(100);
	}

	@Test
	void killedHolderIsFollowedAfterItsTtl() throws Exception {
		try (ChildJvm child = startChild(TTL)) {
			child.send("acquire a");
			child.expect("acquired");
			CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(LockRequest.of("a"));
			await().until(() -> this.managers.queued("a").size() == 2);
			child.kill();
			long start = System.nanoTime();
			assertThat(waiter.get(10, TimeUnit.SECONDS).isHeld()).isTrue();
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(EXPIRY);
		}
		this.managers.closeAndLeaveNothing();
	}

	@Test
	void killedWaiterIsPassedOverAfterItsTtl() throws Exception {
		LockHandle lock = this.locks.acquire("a");
		try (ChildJvm child = startChild(TTL)) {
			child.send("wait a");
			await().until(() -> this.managers.queued("a").size() == 2);
			CompletableFuture<LockHandle> waiter = this.managers.template().acquireAsync(LockRequest.of("a"));
			await().until(() -> this.managers.queued("a").size() == 3);
			child.kill();
			lock.close();
			assertThat(waiter.get(10, TimeUnit.SECONDS).isHeld()).isTrue();
		}
		this.managers.closeAndLeaveNothing();
	}

	@Test
	void holderThatStoodStillBeyondItsTtlKnowsItAtOnce() throws Exception {
		try (ChildJvm child = startChild(LONGER_TTL)) {
			child.send("acquire a");
			long token = Long.parseLong(child.expect("acquired "));
			child.pause();
			LockHandle lock = this.locks.acquire(LockRequest.of("a").waitingUpTo(Duration.ofSeconds(20)));
			assertThat(lock.fencingToken()).isGreaterThan(token);
			child.send("held");
			child.resume();
			assertThat(child.expect("held ")).isEqualTo("false");
			await().until(() -> child.output().contains("lost"));
			child.send("release");
			child.expect("released");
			assertThat(lock.isHeld()).isTrue();
			assertThat(this.managers.queued("a")).hasSize(1);
			child.send("wait a");
			child.expect("waiting");
			lock.close();
			assertThat(Long.parseLong(child.expect("granted "))).isGreaterThan(lock.fencingToken());
		}
	}

	@Test
	void holderThatStoodStillForLessThanItsTtlStillHolds() throws Exception {
		try (ChildJvm child = startChild(Duration.ofSeconds(6))) {
			child.send("acquire a");
			child.expect("acquired ");
			child.pause();
			await().pollDelay(Duration.ofMillis(800)).until(() -> this.locks.tryAcquire("a").isEmpty());
			child.resume();
			child.send("held");
			assertThat(child.expect("held ")).isEqualTo("true");
			assertThat(child.output()).doesNotContain("lost");
		}
	}

	@Test
	void waiterThatStoodStillBeyondItsTtlWaitsOn() throws Exception {
		LockHandle lock = this.locks.acquire("a");
		try (ChildJvm child = startChild(LONGER_TTL)) {
			child.send("wait a");
			await().until(() -> this.managers.queued("a").size() == 2);
			child.pause();
			lock.close();
			LockHandle next = this.locks.acquire(LockRequest.of("a").waitingUpTo(Duration.ofSeconds(20)));
			child.resume();
			await().until(() -> this.managers.queued("a").size() == 2);
			assertThat(child.output()).noneMatch((line) -> line.startsWith("granted"));
			next.close();
			assertThat(Long.parseLong(child.expect("granted "))).isGreaterThan(next.fencingToken());
		}
	}

	// etcdctl lock is Go's concurrency.Mutex

	/** Told to end, etcdctl may leave its key to its lease. */
	private Process lockWithGo(String... command) throws IOException {
		List<String> arguments = new ArrayList<>(List.of("lock", "--ttl=2", this.managers.prefix() + "/a"));
		arguments.addAll(List.of(command));
		return etcd.cluster().etcdctl(arguments.toArray(String[]::new)).start();
	}

	@Test
	void goProgramIsExcludedByUsUntilWeRelease() throws Exception {
		LockHandle lock = this.locks.acquire("a");
		Process go = lockWithGo("echo", "go has it");
		await().until(() -> this.managers.queued("a").size() == 2);
		assertThat(go.isAlive()).isTrue();
		lock.close();
		assertThat(go.inputReader().lines()).contains("go has it");
		assertThat(go.waitFor()).isZero();
		assertThat(this.managers.queued("a")).isEmpty();
	}

	@Test
	void goProgramExcludesUsUntilItReleases() throws Exception {
		Process go = lockWithGo();
		try {
			assertThat(go.inputReader().readLine()).startsWith(this.managers.line("a"));
			assertThat(this.locks.tryAcquire("a")).isEmpty();
			CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(LockRequest.of("a"));
			await().until(() -> this.managers.queued("a").size() == 2);
			assertThat(waiter).isNotDone();
			go.destroy();
			assertThat(waiter.get(10, TimeUnit.SECONDS).isHeld()).isTrue();
		}
		finally {
			go.destroyForcibly();
		}
	}

	@Test
	void goProgramsAndWeStandInOneLine() throws Exception {
		LockHandle lock = this.locks.acquire("a");
		Process go = lockWithGo();
		try {
			await().until(() -> this.managers.queued("a").size() == 2);
			CompletableFuture<LockHandle> waiter = this.managers.template().acquireAsync(LockRequest.of("a"));
			await().until(() -> this.managers.queued("a").size() == 3);
			lock.close();
			assertThat(go.inputReader().readLine()).startsWith(this.managers.line("a"));
			assertThat(waiter).isNotDone();
			go.destroy();
			assertThat(waiter.get(10, TimeUnit.SECONDS).isHeld()).isTrue();
		}
		finally {
			go.destroyForcibly();
		}
	}

}
