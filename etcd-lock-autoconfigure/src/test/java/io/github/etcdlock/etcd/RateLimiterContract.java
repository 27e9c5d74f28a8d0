package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.TxnRequest;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.recipe.DistributedRateLimiter;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.test.EtcdCluster;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/** What users of a rate limiter may rely on. */
abstract class RateLimiterContract {

	@AutoClose
	private final Managers managers;

	RateLimiterContract(EtcdCluster cluster) {
		this.managers = new Managers(cluster);
	}

	private DistributedRateLimiter limiter(int permits, Duration period) {
		return this.managers.start().recipes(Managers.TEXT).rateLimiter("r", permits, period);
	}

	@Test
	void neverAreMorePermitsUsedThanThePeriodsHave() {
		int permits = 20;
		Duration period = Duration.ofMillis(500);
		List<DistributedRateLimiter> processes = List.of(limiter(permits, period), limiter(permits, period));
		Queue<Use> uses = new ConcurrentLinkedQueue<>();
		List<CompletableFuture<Void>> users = new ArrayList<>();
		long start = System.nanoTime();
		for (int i = 0; i < 6; i++) {
			DistributedRateLimiter limiter = processes.get(i % 2);
			users.add(CompletableFuture.runAsync(() -> {
				while (System.nanoTime() - start < Duration.ofMillis(1700).toNanos()
						|| (uses.size() <= permits && System.nanoTime() - start < Duration.ofSeconds(30).toNanos())) {
					long asked = System.nanoTime();
					if (acquired(limiter)) {
						uses.add(new Use(asked - start, System.nanoTime() - start));
					}
				}
			}, (task) -> new Thread(task, "user").start()));
		}
		CompletableFuture.allOf(users.toArray(CompletableFuture<?>[]::new)).join();
		assertThat(uses.size()).isGreaterThan(permits);
		assertThat(uses)
			.allSatisfy((first) -> assertThat(uses.stream().filter((use) -> use.within(first.asked(), period)).count())
				.isLessThanOrEqualTo(permits));
	}

	/** A permit was taken at some time between these. */
	private record Use(long asked, long taken) {

		boolean within(long from, Duration period) {
			return this.asked >= from && this.taken < from + period.toNanos();
		}

	}

	@Test
	void manySlowUsersGetTheWholeRate() throws Exception {
		EtcdRecipes recipes = this.managers.start().recipes(Managers.TEXT);
		for (int i = 0; i < 20; i++) {
			assertThat(recipes.rateLimiter("r", 20, Duration.ofMinutes(1)).tryAcquire()).isTrue();
		}
		assertThat(recipes.rateLimiter("r", 20, Duration.ofMinutes(1)).tryAcquire()).isFalse();
	}

	@Test
	void severalAtOnceLeaveNothingUnused() throws Exception {
		DistributedRateLimiter limiter = limiter(100, Duration.ofMinutes(1));
		for (int i = 0; i < 16; i++) {
			assertThat(limiter.tryAcquire(6, Duration.ZERO)).isTrue();
		}
		assertThat(limiter.tryAcquire(6, Duration.ZERO)).isFalse();
		assertThat(limiter.tryAcquire(4, Duration.ZERO)).isTrue();
	}

	@Test
	void triesAtOnceGetWhatIsFree() {
		for (int round = 0; round < 5; round++) {
			DistributedRateLimiter limiter = this.managers.start()
				.recipes(Managers.TEXT)
				.rateLimiter("r" + round, 9, Duration.ofMinutes(1));
			List<CompletableFuture<Boolean>> tries = new ArrayList<>();
			for (int i = 0; i < 9; i++) {
				Duration wait = Duration.ofSeconds((i == 0) ? 5 : 0);
				tries.add(CompletableFuture.supplyAsync(() -> acquired(limiter, wait),
						(task) -> new Thread(task, "user").start()));
			}
			assertThat(tries).allMatch(CompletableFuture::join);
		}
	}

	@Test
	void tryIsNotHeldUpByWhoWaitsForPermits() throws Exception {
		DistributedRateLimiter limiter = limiter(1, Duration.ofMinutes(1));
		assertThat(limiter.tryAcquire()).isTrue();
		CompletableFuture<Boolean> waiter = CompletableFuture
			.supplyAsync(() -> acquired(limiter, Duration.ofSeconds(20)), (task) -> new Thread(task, "user").start());
		long start = System.nanoTime();
		while (System.nanoTime() - start < Duration.ofSeconds(2).toNanos()) {
			assertThat(limiter.tryAcquire()).isFalse();
		}
		assertThat(waiter).as("whose end no try has waited for").isNotDone();
	}

	private static boolean acquired(DistributedRateLimiter limiter) {
		return acquired(limiter, Duration.ofMillis(100));
	}

	private static boolean acquired(DistributedRateLimiter limiter, Duration wait) {
		try {
			return limiter.tryAcquire(1, wait);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void permitsComeBackAPeriodAfterTheirUse() throws Exception {
		Duration period = Duration.ofSeconds(3);
		EtcdRecipes there = this.managers.start().recipes(Managers.TEXT);
		assertThat(there.rateLimiter("warm", 3, period).tryAcquire()).isTrue();
		DistributedRateLimiter limiter = limiter(3, period);
		DistributedRateLimiter elsewhere = there.rateLimiter("r", 3, period);
		long start = System.nanoTime();
		assertThat(limiter.tryAcquire(3, Duration.ZERO)).isTrue();
		assertThat(elsewhere.tryAcquire()).isFalse();
		assertThat(limiter.tryAcquire()).isFalse();
		assertThat(elsewhere.tryAcquire(3, Duration.ofSeconds(8))).isTrue();
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(period);
	}

	@Test
	void permitsOfAProcessThatIsShutDownStayUsed() throws Exception {
		LeaseManager manager = this.managers.start();
		EtcdRecipes recipes = manager.recipes(Managers.TEXT);
		assertThat(recipes.rateLimiter("warm", 2, Duration.ofSeconds(2)).tryAcquire()).isTrue();
		long used = System.nanoTime();
		assertThat(recipes.rateLimiter("r", 2, Duration.ofSeconds(2)).tryAcquire(2, Duration.ZERO)).isTrue();
		manager.close();
		DistributedRateLimiter next = limiter(2, Duration.ofSeconds(2));
		assertThat(next.tryAcquire(1, Duration.ofSeconds(8))).isTrue();
		assertThat(Duration.ofNanos(System.nanoTime() - used)).isGreaterThan(Duration.ofMillis(1900));
	}

	@Test
	void batchCostsAReadAndAWriteAndIsHandedOutHere() throws Exception {
		Traffic traffic = new Traffic();
		DistributedRateLimiter limiter = this.managers.with()
			.traffic(traffic)
			.start()
			.recipes(Managers.TEXT)
			.rateLimiter("r", 100, Duration.ofMinutes(1));
		for (int i = 0; i < 1 + 2 + 4 + 8; i++) {
			limiter.acquire();
		}
		long first = requests(traffic);
		assertThat(first).isEqualTo(4 * 2);
		for (int i = 0; i < 10; i++) {
			limiter.acquire();
		}
		assertThat(requests(traffic)).isEqualTo(first + 2);
	}

	private static long requests(Traffic traffic) {
		return traffic.count((message) -> (message instanceof TxnRequest || message instanceof RangeRequest)
				&& message.toString().contains("/.rate-limiters/"));
	}

	@Test
	void badArgumentsAreRefusedAtTheCall() {
		assertThatIllegalArgumentException().isThrownBy(() -> limiter(0, Duration.ofSeconds(1)));
		assertThatIllegalArgumentException().isThrownBy(() -> limiter(1, Duration.ZERO))
			.withMessageContaining("between a millisecond and a day");
		DistributedRateLimiter limiter = limiter(2, Duration.ofSeconds(5));
		assertThatIllegalArgumentException().isThrownBy(() -> limiter.tryAcquire(3, Duration.ZERO));
		assertThatIllegalArgumentException().isThrownBy(() -> limiter.tryAcquire(1, Duration.ofSeconds(-1)));
	}

	@Test
	void waitThatIsOverSaysWhatIsUsed() throws Exception {
		DistributedRateLimiter limiter = this.managers.with()
			.waitTime(Duration.ofMillis(50))
			.start()
			.recipes(Managers.TEXT)
			.rateLimiter("r", 1, Duration.ofMinutes(1));
		limiter.acquire();
		assertThatExceptionOfType(LockNotAcquiredException.class).isThrownBy(limiter::acquire)
			.withMessageContaining("rate limiter \"r\"")
			.withMessageContaining("all 1 of the last 60 s are used");
	}

}
