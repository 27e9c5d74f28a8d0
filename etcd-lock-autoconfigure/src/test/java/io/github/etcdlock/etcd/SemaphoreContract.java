package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.recipe.DistributedSemaphore;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.test.EtcdCluster;
import io.github.etcdlock.test.EtcdContents;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/** What users of a semaphore may rely on. */
@ExtendWith(OutputCaptureExtension.class)
abstract class SemaphoreContract {

	private static final Duration LONG = Duration.ofSeconds(10);

	@AutoClose
	private final Managers managers;

	private final EtcdCluster cluster;

	private final EtcdRecipes here;

	private final EtcdRecipes there;

	SemaphoreContract(EtcdCluster cluster) {
		this.cluster = cluster;
		this.managers = new Managers(cluster);
		this.here = this.managers.start().recipes(Managers.TEXT);
		this.there = this.managers.start().recipes(Managers.TEXT);
	}

	private List<EtcdContents.Key> line() {
		return this.cluster.contents().under(this.managers.prefix() + "/.semaphores/s/");
	}

	/** Asks, and returns when the request stands in line in etcd. */
	private CompletableFuture<LockHandle> queue(DistributedSemaphore semaphore, int permits) {
		int before = line().size();
		CompletableFuture<LockHandle> waiter = acquire(semaphore, permits);
		await().until(() -> line().size() > before);
		assertThat(waiter).isNotDone();
		return waiter;
	}

	private static CompletableFuture<LockHandle> acquire(DistributedSemaphore semaphore, int permits) {
		CompletableFuture<LockHandle> handle = new CompletableFuture<>();
		new Thread(() -> {
			try {
				handle.complete(semaphore.acquire(permits, LONG));
			}
			catch (InterruptedException | RuntimeException ex) {
				handle.completeExceptionally(ex);
			}
		}, "waiter").start();
		return handle;
	}

	private static LockHandle granted(CompletableFuture<LockHandle> waiter) {
		assertThat(waiter).succeedsWithin(Duration.ofSeconds(5));
		return waiter.join();
	}

	@Test
	void asManyHoldAsThereArePermits() throws Exception {
		DistributedSemaphore one = this.here.semaphore("s", 3);
		DistributedSemaphore other = this.there.semaphore("s", 3);
		assertThat(one.available()).isEqualTo(3);
		List<LockHandle> held = List.of(one.acquire(), other.acquire(), one.tryAcquire().orElseThrow());
		assertThat(held).allMatch(LockHandle::isHeld).allMatch((lock) -> lock.mode() == LockMode.SHARED);
		assertThat(held).extracting(LockHandle::fencingToken).isSorted().doesNotHaveDuplicates();
		assertThat(one.available()).isZero();
		assertThat(one.tryAcquire()).isEmpty();
		assertThat(other.tryAcquire(1, Duration.ofMillis(50))).isEmpty();
		held.get(1).close();
		assertThat(one.available()).isEqualTo(1);
		assertThat(other.tryAcquire()).isPresent();
	}

	@Test
	void severalPermitsComeTogetherOrNotAtAll() throws Exception {
		DistributedSemaphore one = this.here.semaphore("s", 5);
		DistributedSemaphore other = this.there.semaphore("s", 5);
		LockHandle three = one.acquire(3, LONG);
		assertThat(other.tryAcquire(3, Duration.ZERO)).isEmpty();
		LockHandle two = other.tryAcquire(2, Duration.ZERO).orElseThrow();
		CompletableFuture<LockHandle> all = queue(other, 5);
		three.close();
		assertThat(all).isNotDone();
		two.close();
		assertThat(granted(all).isHeld()).isTrue();
		assertThat(one.available()).isZero();
	}

	@Test
	void whoWaitsForManyIsNotOvertakenByThoseWhoWantFew() throws Exception {
		DistributedSemaphore one = this.here.semaphore("s", 3);
		DistributedSemaphore other = this.there.semaphore("s", 3);
		LockHandle first = one.acquire(2, LONG);
		CompletableFuture<LockHandle> many = queue(other, 2);
		assertThat(one.tryAcquire()).isEmpty();
		CompletableFuture<LockHandle> few = queue(one, 1);
		first.close();
		LockHandle next = granted(many);
		LockHandle last = granted(few);
		assertThat(next.fencingToken()).isGreaterThan(first.fencingToken()).isLessThan(last.fencingToken());
	}

	@Test
	void whoGivesUpLetsTheNextIn() throws Exception {
		DistributedSemaphore one = this.here.semaphore("s", 2);
		DistributedSemaphore other = this.there.semaphore("s", 2);
		LockHandle first = one.acquire();
		assertThat(other.tryAcquire(2, Duration.ofMillis(100))).isEmpty();
		assertThatExceptionOfType(LockNotAcquiredException.class)
			.isThrownBy(() -> other.acquire(2, Duration.ofMillis(100)))
			.withMessageStartingWith("Could not acquire the semaphore \"s\" within");
		CompletableFuture<LockHandle> interrupted = new CompletableFuture<>();
		Thread waiter = new Thread(() -> {
			try {
				interrupted.complete(other.acquire(2, LONG));
			}
			catch (InterruptedException ex) {
				interrupted.completeExceptionally(ex);
			}
		});
		waiter.start();
		await().until(() -> line().size() == 2);
		CompletableFuture<LockHandle> next = queue(one, 1);
		waiter.interrupt();
		assertThat(granted(next).isHeld()).isTrue();
		assertThat(interrupted).failsWithin(Duration.ofSeconds(5))
			.withThrowableThat()
			.isInstanceOf(ExecutionException.class);
		assertThat(first.isHeld()).isTrue();
	}

	@Test
	void neverAreMoreHeldThanThereAre() throws Exception {
		int permits = 3;
		AtomicInteger held = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		List<CompletableFuture<Void>> users = new ArrayList<>();
		for (int i = 0; i < 12; i++) {
			DistributedSemaphore semaphore = ((i % 2 == 0) ? this.here : this.there).semaphore("s", permits);
			int weight = 1 + i % permits;
			boolean tries = i % 4 == 3;
			users.add(CompletableFuture.runAsync(() -> {
				for (int round = 0; round < 12; round++) {
					use(semaphore, weight, tries ? Duration.ZERO : LONG, held, most);
				}
			}, (task) -> new Thread(task).start()));
		}
		CompletableFuture.allOf(users.toArray(CompletableFuture<?>[]::new)).join();
		assertThat(most.get()).isEqualTo(permits);
		assertThat(this.here.semaphore("s", permits).available()).isEqualTo(permits);
		this.managers.closeAndLeaveNothing();
	}

	private static void use(DistributedSemaphore semaphore, int weight, Duration wait, AtomicInteger held,
			AtomicInteger most) {
		try {
			Optional<LockHandle> lock = semaphore.tryAcquire(weight, wait);
			assertThat(lock.isPresent() || wait.isZero()).isTrue();
			lock.ifPresent((permits) -> {
				most.accumulateAndGet(held.addAndGet(weight), Math::max);
				Thread.onSpinWait();
				held.addAndGet(-weight);
				permits.close();
			});
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void triesAtOnceGetWhatIsFree() {
		DistributedSemaphore semaphore = this.here.semaphore("s", 8);
		for (int round = 0; round < 10; round++) {
			List<CompletableFuture<Optional<LockHandle>>> tries = new ArrayList<>();
			for (int i = 0; i < 8; i++) {
				tries.add(CompletableFuture.supplyAsync(() -> tried(semaphore), (task) -> new Thread(task).start()));
			}
			assertThat(tries).allMatch((tried) -> tried.join().isPresent());
			tries.forEach((tried) -> tried.join().orElseThrow().close());
		}
	}

	private static Optional<LockHandle> tried(DistributedSemaphore semaphore) {
		try {
			return semaphore.tryAcquire();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void theSmallerNumberCountsWhileBothAreInLineAndBothAreNamed(CapturedOutput output) throws Exception {
		DistributedSemaphore five = this.here.semaphore("s", 5);
		DistributedSemaphore two = this.there.semaphore("s", 2);
		LockHandle small = two.acquire();
		LockHandle second = five.acquire();
		assertThat(five.tryAcquire()).isEmpty();
		assertThat(five.available()).isZero();
		assertThat(this.here.semaphore("s", 5).available()).isZero();
		assertThat(output.toString().split("semaphore \"s\" has 5 permits here and 2 in another process"))
			.as("said once")
			.hasSize(2);
		small.close();
		LockHandle third = five.acquire(4, LONG);
		assertThat(List.of(second, third)).allMatch(LockHandle::isHeld);
		assertThat(two.tryAcquire()).isEmpty();
		assertThat(output).contains("semaphore \"s\" has 2 permits here and 5 in another process");
	}

	@Test
	void keyOfAnotherProgramTakesEverything() throws Exception {
		try (Outsider outsider = new Outsider(this.cluster.endpoint())) {
			String key = this.managers.prefix() + "/.semaphores/s/1234";
			outsider.put(key);
			DistributedSemaphore semaphore = this.here.semaphore("s", 5);
			assertThat(semaphore.tryAcquire()).isEmpty();
			CompletableFuture<LockHandle> waiter = queue(semaphore, 1);
			outsider.delete(key);
			granted(waiter);
		}
	}

	@Test
	void permitsOfADeadHolderAreFree() throws Exception {
		try (Outsider outsider = new Outsider(this.cluster.endpoint())) {
			LockHandle lost = this.there.semaphore("s", 1).acquire();
			long lease = line().get(0).lease();
			CompletableFuture<LockHandle> waiter = queue(this.here.semaphore("s", 1), 1);
			outsider.revoke(lease);
			granted(waiter);
			await().until(() -> !lost.isHeld());
		}
	}

	@Test
	void semaphoreAndLockOfOneNameHaveNothingToDoWithEachOther() throws Exception {
		LockHandle lock = this.managers.template().acquire("s");
		LockHandle permit = this.here.semaphore("s", 1).acquire();
		assertThat(List.of(lock, permit)).allMatch(LockHandle::isHeld);
		assertThatIllegalStateException().isThrownBy(permit::downgrade);
	}

	@Test
	void badArgumentsAreRefusedAtTheCall() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.here.semaphore("s", 0))
			.withMessageContaining("one permit at least");
		assertThatIllegalArgumentException().isThrownBy(() -> this.here.semaphore(" ", 1))
			.withMessageContaining("must not be null or blank");
		DistributedSemaphore semaphore = this.here.semaphore("s", 2);
		assertThatIllegalArgumentException().isThrownBy(() -> semaphore.acquire(3, LONG))
			.withMessage("The semaphore \"s\" has 2 permits: between one and all of them can be acquired, but not 3");
		assertThatIllegalArgumentException().isThrownBy(() -> semaphore.tryAcquire(0, LONG));
		assertThatIllegalArgumentException().isThrownBy(() -> semaphore.tryAcquire(1, Duration.ofSeconds(-1)))
			.withMessageContaining("use zero to try once");
	}

}
