package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.recipe.DistributedBarrier;
import io.github.etcdlock.recipe.DistributedCountDownLatch;
import io.github.etcdlock.recipe.DistributedCounter;
import io.github.etcdlock.recipe.DoubleBarrier;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.test.EtcdCluster;
import io.github.etcdlock.test.EtcdContents;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/** What users of barriers, latches and counters may rely on. */
abstract class RendezvousContract {

	private static final Duration LONG = Duration.ofSeconds(10);

	private static final Duration BRIEF = Duration.ofMillis(50);

	@AutoClose
	private final Managers managers;

	private final EtcdCluster cluster;

	@AutoClose
	private final Outsider outsider;

	private final Traffic traffic = new Traffic();

	private final EtcdRecipes here;

	private final EtcdRecipes there;

	RendezvousContract(EtcdCluster cluster) {
		this.cluster = cluster;
		this.managers = new Managers(cluster);
		this.outsider = new Outsider(cluster.endpoint());
		this.here = this.managers.with().traffic(this.traffic).start().recipes(Managers.TEXT);
		this.there = this.managers.start().recipes(Managers.TEXT);
	}

	private List<EtcdContents.Key> keys(String recipe) {
		return this.cluster.contents().under(this.managers.prefix() + "/." + recipe + "/");
	}

	private static <T> CompletableFuture<T> begin(Callable<T> call) {
		CompletableFuture<T> result = new CompletableFuture<>();
		new Thread(() -> {
			try {
				result.complete(call.call());
			}
			catch (Exception ex) {
				result.completeExceptionally(ex);
			}
		}, "party").start();
		return result;
	}

	private static <T> T result(CompletableFuture<T> call) {
		assertThat(call).succeedsWithin(Duration.ofSeconds(30));
		return call.join();
	}

	// Barrier

	@Test
	void barrierKeepsThoseWhoWaitUntilNobodyHoldsIt() throws Exception {
		DistributedBarrier barrier = this.here.barrier("b");
		DistributedBarrier elsewhere = this.there.barrier("b");
		assertThat(barrier.await(Duration.ZERO)).isTrue();
		for (int use = 0; use < 3; use++) {
			LockHandle first = barrier.hold();
			LockHandle second = elsewhere.hold();
			assertThat(elsewhere.await(Duration.ZERO)).isFalse();
			assertThat(barrier.await(BRIEF)).isFalse();
			List<CompletableFuture<Boolean>> waiters = List.of(begin(() -> barrier.await(LONG)),
					begin(() -> elsewhere.await(LONG)));
			first.close();
			this.outsider.put(this.managers.prefix() + "/.barriers-beside");
			assertThat(barrier.await(BRIEF)).isFalse();
			assertThat(waiters).noneMatch(CompletableFuture::isDone);
			second.close();
			assertThat(waiters).allMatch(RendezvousContract::result);
		}
		assertThat(keys("barriers")).isEmpty();
	}

	@Test
	void barrierOfADeadHolderOpens() throws Exception {
		LockHandle held = this.there.barrier("b").hold();
		CompletableFuture<Boolean> waiter = begin(() -> this.here.barrier("b").await(LONG));
		this.outsider.revoke(keys("barriers").get(0).lease());
		assertThat(result(waiter)).isTrue();
		await().until(() -> !held.isHeld());
		LockHandle again = this.there.barrier("b").hold();
		assertThat(this.here.barrier("b").await(Duration.ZERO)).isFalse();
		again.close();
		assertThat(this.here.barrier("b").await(LONG)).isTrue();
	}

	// Double barrier

	@Test
	void partiesBeginAndEndTogetherRoundAfterRound() {
		List<CompletableFuture<Integer>> parties = new ArrayList<>();
		for (int i = 0; i < 4; i++) {
			DoubleBarrier barrier = ((i % 2 == 0) ? this.here : this.there).doubleBarrier("d", 4);
			parties.add(begin(() -> {
				int rounds = 0;
				while (rounds < 5) {
					DoubleBarrier.Visit visit = barrier.enter(LONG).orElseThrow();
					assertThat(keys("double-barriers").size()).isGreaterThan(1);
					assertThat(visit.leave(LONG)).isTrue();
					rounds++;
				}
				return rounds;
			}));
		}
		assertThat(parties).allMatch((party) -> result(party) == 5);
		assertThat(keys("double-barriers")).hasSize(1);
	}

	@Test
	void nobodyBeginsBeforeAllAreThereNorEndsBeforeAllHaveLeft() throws Exception {
		DoubleBarrier barrier = this.here.doubleBarrier("d", 2);
		assertThat(barrier.enter(BRIEF)).isEmpty();
		CompletableFuture<Optional<DoubleBarrier.Visit>> first = begin(() -> barrier.enter(LONG));
		await().until(() -> keys("double-barriers").size() == 1);
		assertThat(first).isNotDone();
		DoubleBarrier.Visit second = this.there.doubleBarrier("d", 2).enter(LONG).orElseThrow();
		DoubleBarrier.Visit one = result(first).orElseThrow();
		assertThat(one.leave(BRIEF)).isFalse();
		CompletableFuture<Boolean> leaving = begin(() -> one.leave(LONG));
		assertThat(second.handle().isHeld()).isTrue();
		assertThat(leaving).isNotDone();
		second.close();
		assertThat(result(leaving)).isTrue();
	}

	@Test
	void deadPartyDoesNotCountAndCountsAsHavingLeft() throws Exception {
		CompletableFuture<Optional<DoubleBarrier.Visit>> dead = begin(
				() -> this.there.doubleBarrier("d", 2).enter(LONG));
		await().until(() -> keys("double-barriers").size() == 1);
		this.outsider.revoke(keys("double-barriers").get(0).lease());
		assertThat(result(dead)).isEmpty();
		CompletableFuture<Optional<DoubleBarrier.Visit>> one = begin(() -> this.here.doubleBarrier("d", 2).enter(LONG));
		await().until(() -> keys("double-barriers").size() == 1);
		assertThat(one).isNotDone();
		long mine = keys("double-barriers").get(0).lease();
		DoubleBarrier.Visit other = this.there.doubleBarrier("d", 2).enter(LONG).orElseThrow();
		DoubleBarrier.Visit visit = result(one).orElseThrow();
		CompletableFuture<Boolean> leaving = begin(() -> visit.leave(LONG));
		this.outsider.revoke(keys("double-barriers").stream()
			.mapToLong(EtcdContents.Key::lease)
			.filter((lease) -> lease != mine && lease != 0)
			.findFirst()
			.orElseThrow());
		assertThat(result(leaving)).isTrue();
		await().until(() -> !other.handle().isHeld());
		CompletableFuture<Optional<DoubleBarrier.Visit>> next = begin(
				() -> this.here.doubleBarrier("d", 2).enter(LONG));
		assertThat(this.there.doubleBarrier("d", 2).enter(LONG)).isPresent();
		assertThat(result(next)).isPresent();
	}

	@Test
	void partyThatCompletedARoundMayGoThoughItHeardOfItTooLate() throws Exception {
		this.there.counter("x").addAndGet(1);
		this.there.barrier("x").hold().close();
		this.traffic.watchEvents().shut();
		CompletableFuture<Optional<DoubleBarrier.Visit>> late = begin(
				() -> this.here.doubleBarrier("d", 2).enter(Duration.ofSeconds(3)));
		await().until(() -> keys("double-barriers").size() == 1);
		DoubleBarrier.Visit other = this.there.doubleBarrier("d", 2).enter(LONG).orElseThrow();
		DoubleBarrier.Visit visit = result(late).orElseThrow();
		assertThat(visit.handle().isHeld()).isTrue();
		this.traffic.watchEvents().open();
		CompletableFuture<Boolean> leaving = begin(() -> visit.leave(LONG));
		assertThat(other.leave(LONG)).isTrue();
		assertThat(result(leaving)).isTrue();
	}

	@Test
	void partyThatGaveUpDoesNotCountThoughItsKeyIsStillThere() throws Exception {
		Fault leaving = this.traffic.fault(Fault.Kind.HOLD_REQUEST,
				(message) -> Traffic.isRelease(message) && message.toString().contains("/.double-barriers/"));
		CompletableFuture<Optional<DoubleBarrier.Visit>> first = begin(
				() -> this.here.doubleBarrier("d", 2).enter(BRIEF));
		leaving.awaitRequest(Object.class);
		assertThat(keys("double-barriers")).hasSize(1);
		assertThat(this.there.doubleBarrier("d", 2).enter(BRIEF)).isEmpty();
		leaving.release();
		assertThat(result(first)).isEmpty();
		await().until(() -> keys("double-barriers").isEmpty());
	}

	// Latch

	@Test
	void latchOpensWhenItWasCountedDownAndIsUsedAgain() throws Exception {
		DistributedCountDownLatch latch = this.here.latch("l", 3);
		DistributedCountDownLatch elsewhere = this.there.latch("l", 3);
		for (int use = 0; use < 2; use++) {
			latch.reset();
			assertThat(elsewhere.count()).isEqualTo(3);
			CompletableFuture<Boolean> waiter = begin(() -> elsewhere.await(LONG));
			latch.countDown();
			elsewhere.countDown();
			assertThat(latch.await(Duration.ZERO)).isFalse();
			assertThat(latch.await(BRIEF)).isFalse();
			assertThat(latch.count()).isEqualTo(1);
			elsewhere.countDown();
			assertThat(result(waiter)).isTrue();
			latch.countDown();
			assertThat(latch.count()).isZero();
			assertThat(latch.await(Duration.ZERO)).isTrue();
		}
	}

	@Test
	void latchIsTheSameForAllOrSaysThatItIsNot() {
		this.here.latch("l", 3).countDown();
		assertThatIllegalStateException().isThrownBy(() -> this.there.latch("l", 5).countDown())
			.withMessageContaining("counts from 5 here, but stands at 2/3 in etcd");
		this.there.latch("l", 3).reset();
		assertThat(this.here.latch("l", 3).count()).isEqualTo(3);
	}

	// Counter

	@Test
	void counterCountsEachChangeOfEverybody() {
		List<CompletableFuture<Long>> adders = new ArrayList<>();
		for (int i = 0; i < 4; i++) {
			DistributedCounter counter = ((i % 2 == 0) ? this.here : this.there).counter("c");
			adders.add(begin(() -> {
				long last = 0;
				for (int round = 0; round < 25; round++) {
					long sum = counter.addAndGet(2);
					assertThat(sum).isGreaterThan(last);
					last = sum;
				}
				return last;
			}));
		}
		adders.forEach(RendezvousContract::result);
		assertThat(this.here.counter("c").get()).isEqualTo(200);
	}

	@Test
	void changeWhoseAnswerIsLostIsMadeOnce() {
		DistributedCounter counter = this.here.counter("c");
		counter.addAndGet(1);
		for (Fault.Kind kind : List.of(Fault.Kind.LOSE_ANSWER, Fault.Kind.LOSE_REQUEST, Fault.Kind.LOSE_ANSWER)) {
			Fault fault = this.traffic.fault(kind, (message) -> message.toString().contains("/.counters/c/"));
			counter.addAndGet(10);
			assertThat(fault.met()).isTrue();
		}
		assertThat(this.there.counter("c").get()).isEqualTo(31);
	}

	@Test
	void counterIsSetOnlyIfItIsWhatIsExpected() {
		DistributedCounter counter = this.here.counter("c");
		DistributedCounter elsewhere = this.there.counter("c");
		assertThat(counter.get()).isZero();
		assertThat(counter.compareAndSet(0, 7)).isTrue();
		assertThat(elsewhere.compareAndSet(0, 8)).isFalse();
		assertThat(elsewhere.compareAndSet(7, 8)).isTrue();
		assertThat(counter.compareAndSet(7, 9)).isFalse();
		assertThat(counter.get()).isEqualTo(8);
		assertThatExceptionOfType(ArithmeticException.class).isThrownBy(() -> counter.addAndGet(Long.MAX_VALUE));
	}

	@Test
	void idsAreUniqueAndCostOneWriteForABlock() {
		Set<Long> ids = ConcurrentHashMap.newKeySet();
		List<CompletableFuture<Integer>> users = new ArrayList<>();
		LongSupplier shared = this.here.counter("c").ids(10);
		for (int i = 0; i < 4; i++) {
			LongSupplier source = (i < 2) ? shared : this.there.counter("c").ids(100);
			users.add(begin(() -> {
				int taken = 0;
				while (taken < 50 && ids.add(source.getAsLong())) {
					taken++;
				}
				return taken;
			}));
		}
		assertThat(users).allMatch((user) -> result(user) == 50);
		assertThat(this.here.counter("c").get()).isEqualTo(10 * 10 + 2 * 100);
	}

	@Test
	void badArgumentsAreRefusedAtTheCall() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.here.barrier(" "));
		assertThatIllegalArgumentException().isThrownBy(() -> this.here.barrier("b").await(Duration.ofSeconds(-1)));
		assertThatIllegalArgumentException().isThrownBy(() -> this.here.doubleBarrier("d", 0))
			.withMessageContaining("between 1 and 100");
		assertThatIllegalArgumentException().isThrownBy(() -> this.here.doubleBarrier("d", 101));
		assertThatIllegalArgumentException().isThrownBy(() -> this.here.latch("l", 0));
		assertThatIllegalArgumentException().isThrownBy(() -> this.here.counter(""));
		assertThatIllegalArgumentException().isThrownBy(() -> this.here.counter("c").ids(0));
		this.outsider.put(this.managers.prefix() + "/.counters/x/value");
		assertThatIllegalStateException().isThrownBy(() -> this.here.counter("x").get())
			.withMessageContaining("not a number");
	}

}
