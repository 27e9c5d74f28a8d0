package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.recipe.DistributedBarrier;
import io.github.etcdlock.recipe.DistributedCountDownLatch;
import io.github.etcdlock.recipe.DistributedCounter;
import io.github.etcdlock.recipe.DistributedRateLimiter;
import io.github.etcdlock.recipe.DistributedReadWriteLock;
import io.github.etcdlock.recipe.DistributedSemaphore;
import io.github.etcdlock.recipe.DoubleBarrier;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.LeaderElection;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What {@code docs/coordination.md} says of the requests that recipes cost. */
class RecipeCostTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	@AutoClose
	private final Outsider outsider = new Outsider(etcd.endpoint());

	private final Traffic traffic = new Traffic();

	private final LeaseManager manager = this.managers.with()
		.requestTimeout(Duration.ofSeconds(10))
		.traffic(this.traffic)
		.start();

	private final EtcdRecipes recipes = this.manager.recipes(Managers.TEXT);

	@BeforeEach
	void beginSession() throws InterruptedException {
		this.manager.lockTemplate().acquire("warm").close();
		Managers.awaitWatches(this.manager, 1);
		this.traffic.forget();
	}

	private interface Action {

		void run() throws Exception;

	}

	private void costs(int requests, int writes, Action action) throws Exception {
		long revision = this.outsider.revision();
		this.traffic.forget();
		action.run();
		assertThat(this.traffic.requests()).as("requests").isEqualTo(requests);
		assertThat(this.outsider.revision() - revision).as("writes").isEqualTo(writes);
	}

	@Test
	void permitIsTwoWrites() throws Exception {
		DistributedSemaphore semaphore = this.recipes.semaphore("s", 3);
		costs(2, 2, () -> semaphore.acquire().close());
		costs(1, 1, () -> semaphore.acquire(3, Duration.ofSeconds(1)));
		costs(1, 0, () -> assertThat(semaphore.tryAcquire()).isEmpty());
		costs(1, 0, semaphore::available);
	}

	@Test
	void permitThatIsTriedIsReadFirst() throws Exception {
		DistributedSemaphore semaphore = this.recipes.semaphore("s", 3);
		costs(2, 1, () -> assertThat(semaphore.tryAcquire()).isPresent());
	}

	@Test
	void leadershipIsTwoWritesAndToAskForItIsARead() throws Exception {
		LeaderElection election = this.recipes.election("e");
		costs(2, 2, () -> election.campaign("one").close());
		LockHandle leadership = election.campaign("one");
		costs(1, 0, () -> assertThat(election.leader()).contains("one"));
		costs(0, 0, () -> assertThat(election.tryCampaign("two", Duration.ZERO)).isEmpty());
		assertThat(leadership.isHeld()).isTrue();
	}

	@Test
	void observersOfAnElectionShareAWatchAndARead() throws Exception {
		List<Optional<String>> seen = new CopyOnWriteArrayList<>();
		LeaderElection election = this.recipes.election("e");
		try (AutoCloseable one = election.observe(seen::add); AutoCloseable other = election.observe(seen::add)) {
			assertThat(one).isNotSameAs(other);
			await().until(() -> seen.size() == 2);
		}
		assertThat(this.traffic.watches()).hasSize(1);
		assertThat(this.traffic.requests()).isEqualTo(1);
	}

	@Test
	void whoWaitsForABarrierOrALatchLooksOnceAndSharesAWatch() throws Exception {
		LockHandle barrier = this.recipes.barrier("b").hold();
		waitTogether(() -> this.recipes.barrier("b").await(Duration.ofSeconds(10)), barrier::close);
		DistributedCountDownLatch latch = this.recipes.latch("l", 1);
		waitTogether(() -> latch.await(Duration.ofSeconds(10)), latch::countDown);
	}

	/** Five wait until the end. */
	private void waitTogether(Callable<Boolean> waits, Action end) throws Exception {
		this.traffic.forget();
		List<CompletableFuture<Boolean>> waiters = new ArrayList<>();
		for (int i = 0; i < 5; i++) {
			waiters.add(CompletableFuture.supplyAsync(() -> {
				try {
					return waits.call();
				}
				catch (Exception ex) {
					throw new IllegalStateException(ex);
				}
			}, (task) -> new Thread(task, "waiter").start()));
		}
		await("each has read, and one for all").until(() -> this.traffic.requests() >= 6);
		assertThat(waiters).noneMatch(CompletableFuture::isDone);
		end.run();
		assertThat(waiters).allMatch(CompletableFuture::join);
		assertThat(this.traffic.watches().stream().filter((watch) -> watch.getFiltersCount() == 0))
			.as("but for that of a barrier held for long")
			.hasSize(1);
		assertThat(this.traffic.requests()).as("a read each, one or two for all, and the end").isBetween(7L, 8L);
	}

	@Test
	void batchOfARateLimiterIsAReadAndTwoWrites() throws Exception {
		DistributedRateLimiter limiter = this.recipes.rateLimiter("r", 10, Duration.ofMillis(300));
		limiter.acquire();
		await().until(() -> etcd.cluster().contents().under(this.managers.prefix() + "/.rate-limiters/").isEmpty());
		long revision = this.outsider.revision();
		this.traffic.forget();
		limiter.acquire();
		await().until(() -> etcd.cluster().contents().under(this.managers.prefix() + "/.rate-limiters/").isEmpty());
		assertThat(this.traffic.requests()).isEqualTo(3);
		assertThat(this.outsider.revision() - revision).isEqualTo(2);
	}

	@Test
	void readAndWriteAreTwoWritesEach() throws Exception {
		DistributedReadWriteLock prices = this.recipes.readWriteLock("p");
		costs(2, 2, () -> prices.write().close());
		costs(2, 2, () -> prices.read().close());
	}

	@Test
	void changeOfACounterThatOthersWereFasterWithIsARequestMore() throws Exception {
		DistributedCounter counter = this.recipes.counter("c");
		DistributedCounter elsewhere = this.managers.start().recipes(Managers.TEXT).counter("c");
		costs(1, 1, () -> counter.addAndGet(1));
		costs(1, 0, counter::get);
		elsewhere.addAndGet(1);
		costs(2, 1, () -> assertThat(counter.addAndGet(1)).isEqualTo(3));
		costs(1, 1, () -> assertThat(counter.compareAndSet(3, 7)).isTrue());
		costs(1, 0, () -> assertThat(counter.compareAndSet(3, 8)).isFalse());
	}

	@Test
	void openBarrierIsOneRead() throws Exception {
		DistributedBarrier barrier = this.recipes.barrier("b");
		costs(1, 0, () -> assertThat(barrier.await(Duration.ZERO)).isTrue());
		costs(2, 2, () -> barrier.hold().close());
	}

	@Test
	void countIsOneWrite() throws Exception {
		DistributedCountDownLatch latch = this.recipes.latch("l", 3);
		costs(1, 1, latch::countDown);
		costs(1, 1, latch::countDown);
		costs(1, 0, latch::count);
		costs(1, 1, latch::reset);
		DistributedCounter counter = this.recipes.counter("c");
		costs(10, 10, () -> {
			for (int i = 0; i < 10; i++) {
				counter.addAndGet(1);
			}
		});
		LongSupplier ids = counter.ids(50);
		costs(2, 2, () -> {
			for (int i = 0; i < 100; i++) {
				ids.getAsLong();
			}
		});
	}

	@Test
	void partiesOfADoubleBarrierShareOneWriteForTheRound() throws Exception {
		DoubleBarrier barrier = this.recipes.doubleBarrier("d", 2);
		LeaseManager other = this.managers.start();
		other.lockTemplate().acquire("warm").close();
		DoubleBarrier elsewhere = other.recipes(Managers.TEXT).doubleBarrier("d", 2);
		long revision = this.outsider.revision();
		this.traffic.forget();
		CompletableFuture<Boolean> there = CompletableFuture.supplyAsync(() -> wentAndLeft(elsewhere),
				(task) -> new Thread(task, "party").start());
		assertThat(wentAndLeft(barrier)).isTrue();
		assertThat(there.join()).isTrue();
		assertThat(this.traffic.requests())
			.as("two writes and two reads, two more for who comes last, and a look or two at whoever is still inside")
			.isBetween(4L, 8L);
		assertThat(this.outsider.revision() - revision).as("writes").isEqualTo(2 * 2 + 1);
	}

	private static boolean wentAndLeft(DoubleBarrier barrier) {
		try {
			return barrier.enter(Duration.ofSeconds(5)).orElseThrow().leave(Duration.ofSeconds(5));
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void roundOfADoubleBarrierIsTwoWritesForEachPartyAndOneMore() throws Exception {
		costs(6, 3,
				() -> assertThat(this.recipes.doubleBarrier("d", 1)
					.enter(Duration.ofSeconds(5))
					.orElseThrow()
					.leave(Duration.ofSeconds(5))).isTrue());
	}

}
