package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.recipe.DistributedCountDownLatch;
import io.github.etcdlock.recipe.DistributedCounter;
import io.github.etcdlock.recipe.DistributedReadWriteLock;
import io.github.etcdlock.recipe.DoubleBarrier;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.test.ChildJvm;
import io.github.etcdlock.test.EtcdContents;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * One process holds a part of every recipe and one waits for all of them; both are
 * killed, and whoever comes after them goes on.
 */
@TestInstance(Lifecycle.PER_CLASS)
class RecipeProcessTests {

	private static final Duration LONG = Duration.ofSeconds(15);

	/**
	 * After its TTL etcd takes up to half a second to end a lease, and longer if busy.
	 */
	private static final Duration EXPIRY = RecipeProcess.TTL.plusSeconds(5);

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private Managers managers;

	private EtcdRecipes here;

	private EtcdRecipes there;

	private long killed;

	private long term;

	private List<Long> ids;

	private ChildJvm dead;

	private CompletableFuture<Later<LockHandle>> permits;

	private CompletableFuture<Later<LockHandle>> leadership;

	private CompletableFuture<Later<Boolean>> rated;

	private CompletableFuture<Later<Boolean>> opened;

	private CompletableFuture<Later<LockHandle>> written;

	private CompletableFuture<Later<LockHandle>> read;

	private CompletableFuture<Later<Boolean>> leftByTheDead;

	private DoubleBarrier.Visit leaving;

	/**
	 * What came after the deaths.
	 *
	 * @param value what it is
	 * @param at when it came
	 */
	private record Later<T>(T value, long at) {
	}

	@BeforeAll
	void killWhoHoldsAndWhoWaits() throws Exception {
		this.managers = new Managers(etcd.cluster());
		this.here = this.managers.start().recipes(Managers.TEXT);
		this.there = this.managers.start().recipes(Managers.TEXT);
		try (ChildJvm holder = RecipeProcess.start(etcd.endpoint(), this.managers.prefix());
				ChildJvm waiter = RecipeProcess.start(etcd.endpoint(), this.managers.prefix())) {
			holder.expect("ready");
			waiter.expect("ready");
			holder.send("hold");
			this.term = Long.parseLong(holder.expect("term "));
			this.ids = List.of(holder.expect("ids ").split(" ")).stream().map(Long::valueOf).toList();
			waiter.send("wait");
			waiter.expect("waiting");
			await().until(() -> keys(".semaphores/semaphore").size() == 2 && keys(".elections/election").size() == 2
					&& keys("read").size() == 2 && keys("written").size() == 2);
			standBehindThem();
			meet(holder);
			waiter.kill();
			holder.kill();
			this.killed = System.nanoTime();
			this.rated = begin(() -> this.here.rateLimiter("limiter", 4, RecipeProcess.PERIOD).tryAcquire(4, LONG));
			this.dead = holder;
			assertThat(holder.output()).noneMatch((line) -> line.startsWith("failed"));
			assertThat(waiter.output()).noneMatch((line) -> line.startsWith("failed"));
		}
	}

	private void standBehindThem() {
		this.permits = begin(() -> this.here.semaphore("semaphore", 3).acquire(3, LONG));
		this.leadership = begin(() -> this.here.election("election").campaign("next"));
		this.opened = begin(() -> this.here.barrier("barrier").await(LONG));
		this.written = begin(() -> this.here.readWriteLock("written").write());
		this.read = begin(() -> this.here.readWriteLock("read").write());
		assertThat(this.opened).isNotDone();
	}

	private void meet(ChildJvm holder) throws Exception {
		holder.send("meet");
		DoubleBarrier.Visit inside = this.here.doubleBarrier("inside", 2).enter(LONG).orElseThrow();
		this.leaving = this.here.doubleBarrier("leaving", 2).enter(LONG).orElseThrow();
		holder.expect("met");
		await().until(() -> keys(".double-barriers/gathering").size() == 1);
		this.leftByTheDead = begin(() -> inside.leave(LONG));
		assertThat(this.leftByTheDead).isNotDone();
		holder.expect("used");
	}

	private List<EtcdContents.Key> keys(String line) {
		return etcd.cluster().contents().under(this.managers.prefix() + "/" + line + "/");
	}

	private static <T> CompletableFuture<Later<T>> begin(Callable<T> call) {
		CompletableFuture<Later<T>> result = new CompletableFuture<>();
		new Thread(() -> {
			try {
				T value = call.call();
				result.complete(new Later<>(value, System.nanoTime()));
			}
			catch (Exception ex) {
				result.completeExceptionally(ex);
			}
		}, "survivor").start();
		return result;
	}

	/** It came only when they were dead, and then in time. */
	private <T> T after(CompletableFuture<Later<T>> call, Duration most) {
		assertThat(call).succeedsWithin(most);
		assertThat(Duration.ofNanos(call.join().at() - this.killed)).isBetween(Duration.ZERO, most);
		return call.join().value();
	}

	@Test
	void permitsOfTheDeadAreFree() throws Exception {
		try (LockHandle all = after(this.permits, EXPIRY)) {
			assertThat(all.isHeld()).isTrue();
			assertThat(this.there.semaphore("semaphore", 3).tryAcquire()).isEmpty();
		}
		assertThat(this.there.semaphore("semaphore", 3).available()).isEqualTo(3);
	}

	@Test
	void nextCandidateLeadsInALaterTerm() throws Exception {
		try (LockHandle next = after(this.leadership, EXPIRY)) {
			assertThat(next.fencingToken()).isGreaterThan(this.term);
			assertThat(this.there.election("election").leader()).contains("next");
		}
		try (LockHandle other = this.there.election("election").campaign("other")) {
			assertThat(other.fencingToken()).isGreaterThan(this.leadership.join().value().fencingToken());
		}
	}

	@Test
	void permitsThatTheDeadUsedComeBack() throws Exception {
		assertThat(after(this.rated, EXPIRY.plusSeconds(5))).isTrue();
		assertThat(this.there.rateLimiter("limiter", 4, RecipeProcess.PERIOD).tryAcquire(4, LONG)).isTrue();
	}

	@Test
	void barrierOfTheDeadOpensAndIsUsedAgain() throws Exception {
		assertThat(after(this.opened, EXPIRY)).isTrue();
		try (LockHandle again = this.there.barrier("barrier").hold()) {
			assertThat(again.isHeld()).isTrue();
			assertThat(this.here.barrier("barrier").await(Duration.ZERO)).isFalse();
		}
		assertThat(this.here.barrier("barrier").await(LONG)).isTrue();
	}

	@Test
	void writersAndReadersGoOnAfterTheDead() throws Exception {
		for (String name : List.of("written", "read")) {
			LockHandle writer = after(name.equals("written") ? this.written : this.read, EXPIRY);
			DistributedReadWriteLock elsewhere = this.there.readWriteLock(name);
			assertThat(elsewhere.tryRead(Duration.ZERO)).isEmpty();
			writer.close();
			try (LockHandle one = elsewhere.read(); LockHandle other = this.here.readWriteLock(name).read()) {
				assertThat(List.of(one, other)).allMatch(LockHandle::isHeld);
			}
		}
	}

	@Test
	void whoDiedInsideCountsAsHavingLeft() throws Exception {
		assertThat(after(this.leftByTheDead, EXPIRY)).isTrue();
		meetAgain("inside");
	}

	@Test
	void whoDiedWhileLeavingHasLeft() throws Exception {
		assertThat(this.leaving.leave(LONG)).isTrue();
		meetAgain("leaving");
	}

	@Test
	void whoDiedBeforeTheRoundBeganIsNotCounted() throws Exception {
		await().atMost(EXPIRY).until(() -> keys(".double-barriers/gathering").isEmpty());
		DoubleBarrier gathering = this.here.doubleBarrier("gathering", 3);
		CompletableFuture<Later<Boolean>> one = begin(() -> gathering.enter(LONG).isPresent());
		CompletableFuture<Later<Boolean>> two = begin(() -> gathering.enter(LONG).isPresent());
		await().until(() -> keys(".double-barriers/gathering").size() == 2);
		assertThat(one).isNotDone();
		assertThat(two).isNotDone();
		assertThat(this.there.doubleBarrier("gathering", 3).enter(LONG)).isPresent();
		assertThat(List.of(one, two)).allMatch((party) -> party.join().value());
	}

	private void meetAgain(String name) throws Exception {
		CompletableFuture<Later<Boolean>> one = begin(() -> this.here.doubleBarrier(name, 2).enter(LONG).isPresent());
		assertThat(this.there.doubleBarrier(name, 2).enter(LONG)).isPresent();
		assertThat(one.join().value()).isTrue();
	}

	@Test
	void latchKeepsWhatTheDeadCountedAndIsUsedAgain() throws Exception {
		DistributedCountDownLatch latch = this.here.latch("latch", 2);
		assertThat(latch.count()).isEqualTo(1);
		latch.countDown();
		assertThat(this.there.latch("latch", 2).await(LONG)).isTrue();
		latch.reset();
		assertThat(this.there.latch("latch", 2).await(Duration.ZERO)).isFalse();
		latch.countDown();
		this.there.latch("latch", 2).countDown();
		assertThat(latch.await(LONG)).isTrue();
	}

	@Test
	void counterHasEachChangeOfTheDeadOnce() {
		DistributedCounter counter = this.here.counter("counter");
		long now = counter.get();
		await("the last one may have been made without an answer").untilAsserted(
				() -> assertThat(this.dead.output()).containsAnyOf("counted " + now, "counted " + (now - 1)));
		assertThat(this.dead.output()).doesNotContain("counted " + (now + 1));
		assertThat(this.there.counter("counter").addAndGet(1)).isEqualTo(now + 1);
		assertThat(counter.compareAndSet(now + 1, 0)).isTrue();
	}

	@Test
	void idsOfTheDeadAreNeverUsedAgain() {
		assertThat(this.here.counter("ids").ids(10).getAsLong()).isGreaterThan(this.ids.get(1))
			.isEqualTo(this.ids.get(0) + 10);
	}

}
