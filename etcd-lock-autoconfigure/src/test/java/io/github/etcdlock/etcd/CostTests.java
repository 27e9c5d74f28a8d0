package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What locks cost: requests to etcd, revisions of etcd, watches, streams and threads. */
class CostTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	@AutoClose
	private final Outsider outsider = new Outsider(etcd.endpoint());

	private final Traffic traffic = new Traffic();

	/** What takes long is not asked for twice. */
	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private final LeaseManager manager = this.managers.with()
		.withoutPasses()
		.requestTimeout(PATIENCE)
		.traffic(this.traffic)
		.start();

	private final LockTemplate locks = this.manager.lockTemplate();

	private final LockTemplate others = this.managers.with().requestTimeout(PATIENCE).template();

	/** The first lock of a process also begins a session. */
	private void beginSession() throws InterruptedException {
		this.locks.acquire("warm").close();
		Managers.awaitWatches(this.manager, 1);
		this.traffic.forget();
	}

	@Test
	void uncontendedLockAndUnlockAreTwoWritesAndNoRead() throws Exception {
		beginSession();
		long revision = this.outsider.revision();
		for (int i = 0; i < 100; i++) {
			this.locks.acquire("a").close();
			this.locks.tryAcquire("a").orElseThrow().close();
			this.locks.executeWithoutResult("a", LockHandle::isHeld);
		}
		assertThat(this.outsider.revision() - revision).isEqualTo(600);
		assertThat(this.traffic.requests()).isEqualTo(600);
		assertThat(this.traffic.sent(RangeRequest.class)).isEmpty();
		assertThat(this.traffic.watches()).isEmpty();
	}

	/** etcd passes every name that was ever in a line whenever the line is read. */
	@Test
	void lineSeesTheSameFewNamesHoweverOftenItIsTaken() throws Exception {
		beginSession();
		for (int i = 0; i < 100; i++) {
			this.locks.acquire("a").close();
			this.locks.tryAcquire("a").orElseThrow().close();
			this.locks.acquire(LockRequest.of("b", "c")).close();
		}
		List<CompletableFuture<Void>> waiters = new ArrayList<>();
		for (int i = 0; i < 100; i++) {
			waiters.add(this.locks.acquireAsync(LockRequest.of("d").waitingUpTo(Duration.ofMinutes(1)))
				.thenCompose(LockHandle::closeAsync));
		}
		CompletableFuture.allOf(waiters.toArray(CompletableFuture<?>[]::new)).get();
		assertThat(this.traffic.takenKeys()).hasSize(100 + 100 + 200 + 100);
		assertThat(Set.copyOf(this.traffic.takenKeys())).as("one each, and two where one follows the other at once")
			.hasSize(1 + 1 + 1 + 2);
	}

	@Test
	void handOverBetweenThreadsIsOneWrite() throws Exception {
		beginSession();
		long revision = this.outsider.revision();
		LockHandle first = this.locks.acquire("a");
		List<CompletableFuture<Void>> waiters = new ArrayList<>();
		for (int i = 0; i < 49; i++) {
			waiters.add(this.locks.acquireAsync(LockRequest.of("a").waitingUpTo(Duration.ofMinutes(1)))
				.thenCompose(LockHandle::closeAsync));
		}
		first.close();
		CompletableFuture.allOf(waiters.toArray(CompletableFuture<?>[]::new)).get();
		assertThat(this.outsider.revision() - revision).isEqualTo(1 + 49 + 1);
		assertThat(this.traffic.requests()).isEqualTo(1 + 49 + 1);
	}

	@Test
	void handOverBetweenProcessesIsOneWriteAndOneEvent() throws Exception {
		beginSession();
		LockHandle lock = this.others.acquire("a");
		CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(LockRequest.of("a"));
		await().until(() -> this.managers.queued("a").size() == 2 && this.traffic.watches().size() == 1);
		Managers.awaitWatches(this.manager, 2);
		this.traffic.forget();
		long revision = this.outsider.revision();
		lock.close();
		assertThat(waiter.get().isHeld()).isTrue();
		assertThat(this.outsider.revision() - revision).isEqualTo(1);
		assertThat(this.traffic.requests()).isZero();
	}

	@Test
	void failedTryCostsNoRevision() throws Exception {
		beginSession();
		this.others.acquire("a");
		long revision = this.outsider.revision();
		for (int i = 0; i < 10; i++) {
			assertThat(this.locks.tryAcquire("a")).isEmpty();
		}
		assertThat(this.outsider.revision()).isEqualTo(revision);
		assertThat(this.traffic.requests()).isEqualTo(10);
	}

	@Test
	void failedTryWithinTheProcessCostsNoRequest() throws Exception {
		beginSession();
		this.locks.acquire("a");
		this.traffic.forget();
		assertThat(this.locks.tryAcquire("a")).isEmpty();
		assertThat(this.traffic.requests()).isZero();
	}

	@Test
	void waiterThatGivesUpLocallyCostsNoRequest() throws Exception {
		beginSession();
		this.locks.acquire("a");
		this.traffic.forget();
		for (int i = 0; i < 10; i++) {
			this.locks.acquireAsync(LockRequest.of("a")).cancel(false);
		}
		assertThat(this.traffic.requests()).isZero();
	}

	@Test
	void firstLockOfAProcessWaitsForOneGrantOnly() throws Exception {
		long revision = this.outsider.revision();
		this.locks.acquire("a").close();
		await().until(() -> this.traffic.watches().size() == 1);
		assertThat(this.outsider.revision() - revision).as("take, release and session key").isEqualTo(3);
		assertThat(this.managers.leases()).hasSize(1);
	}

	@Test
	void noWaitBeginsInThePastWhileOthersWrite() throws Exception {
		beginSession();
		AtomicBoolean end = new AtomicBoolean();
		CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
			while (!end.get()) {
				this.outsider.put(this.managers.prefix() + "-noise");
			}
		});
		for (int i = 0; i < 20; i++) {
			LockHandle lock = this.others.acquire("a" + i % 3);
			CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(LockRequest.of("a" + i % 3));
			await().pollInterval(Duration.ofMillis(2))
				.until(() -> this.managers.queued(lock.keys().get(0)).size() == 2);
			lock.close();
			waiter.get().close();
		}
		end.set(true);
		writer.get();
		assertThat(this.traffic.watches()).as("a watch lingers for the next wait").hasSize(3);
		assertThat(this.traffic.watches()).extracting(WatchCreateRequest::getStartRevision).containsOnly(0L);
		assertThat(this.traffic.sent(RangeRequest.class)).as("reads after the watch began").hasSizeLessThanOrEqualTo(3);
	}

	@Test
	void idleWaitersAskForNothing() throws Exception {
		beginSession();
		CompletableFuture.allOf(acquireMany(this.others, 100).toArray(CompletableFuture<?>[]::new)).get();
		acquireMany(this.locks, 100);
		await().until(() -> this.traffic.watches().size() == 100);
		Managers.awaitWatches(this.manager, 101);
		long requests = this.traffic.requests();
		assertThat(requests).as("a put each, and a read after the watch began").isLessThanOrEqualTo(200);
		AtomicInteger polls = new AtomicInteger();
		await().pollInterval(Duration.ofMillis(100)).until(() -> polls.incrementAndGet() == 20);
		assertThat(this.traffic.requests()).isEqualTo(requests);
	}

	@Test
	void thousandsOfHeldLocksCostOneRenewal() throws Exception {
		LockTemplate brief = this.managers.with()
			.ttl(Duration.ofSeconds(6))
			.requestTimeout(PATIENCE)
			.traffic(this.traffic)
			.template();
		List<CompletableFuture<LockHandle>> held = acquireMany(brief, 2000);
		CompletableFuture.allOf(held.toArray(CompletableFuture<?>[]::new)).get();
		this.traffic.forget();
		await().until(() -> this.traffic.sent(LeaseKeepAliveRequest.class).size() >= 2);
		assertThat(this.traffic.renewedLeases()).hasSize(1);
		assertThat(this.traffic.sent(LeaseKeepAliveRequest.class)).as("repeated only when it is late")
			.hasSizeLessThan(20);
		assertThat(held).allMatch((lock) -> lock.join().isHeld());
	}

	@Test
	@Timeout(180)
	void tenThousandWaitersNeedOneStreamAndNoThreads() throws Exception {
		int many = 10_000;
		beginSession();
		List<CompletableFuture<LockHandle>> held = acquireMany(this.others, many);
		CompletableFuture.allOf(held.toArray(CompletableFuture<?>[]::new)).get(60, TimeUnit.SECONDS);
		int threads = Managers.threads().size();
		AtomicInteger admitted = new AtomicInteger();
		List<CompletableFuture<LockHandle>> waiters = acquireMany(this.locks, many);
		waiters.forEach((waiter) -> waiter.thenRun(admitted::incrementAndGet));
		await().atMost(Duration.ofSeconds(60)).until(() -> this.traffic.watches().size() == many);
		assertThat(this.traffic.watchStreams()).isEqualTo(1);
		assertThat(Managers.threads().size()).isLessThanOrEqualTo(threads + 8);
		assertThat(admitted).hasValue(0);
		held.forEach((lock) -> lock.join().closeAsync());
		CompletableFuture.allOf(waiters.toArray(CompletableFuture<?>[]::new)).get(60, TimeUnit.SECONDS);
		assertThat(this.traffic.watchStreams()).isEqualTo(1);
		assertThat(waiters).allMatch((waiter) -> waiter.join().isHeld());
	}

	private static List<CompletableFuture<LockHandle>> acquireMany(LockTemplate template, int many) {
		List<CompletableFuture<LockHandle>> locks = new ArrayList<>();
		for (int i = 0; i < many; i++) {
			locks.add(template.acquireAsync(LockRequest.of("many-" + i).waitingUpTo(Duration.ofMinutes(3))));
		}
		return locks;
	}

}
