package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Many who want overlapping sets of keys at once, in several processes. */
class OverlapTests {

	private static final Executor THREADS = (task) -> new Thread(task, "guest").start();

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	private List<LockTemplate> processes(int turnLimit) {
		return Stream.generate(() -> this.managers.with().turns(turnLimit, Duration.ofMillis(20)).template())
			.limit(3)
			.toList();
	}

	private static void run(List<Runnable> work) {
		CompletableFuture<?>[] all = work.stream()
			.map((task) -> CompletableFuture.runAsync(task, THREADS))
			.toArray(CompletableFuture<?>[]::new);
		assertThat(CompletableFuture.allOf(all)).succeedsWithin(Duration.ofSeconds(60));
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 16 })
	void philosophersAllEat(int turnLimit) {
		int meals = 30;
		List<Guarded> forks = Stream.generate(Guarded::new).limit(5).toList();
		List<LockTemplate> processes = processes(turnLimit);
		List<Runnable> philosophers = new ArrayList<>();
		for (int i = 0; i < 10; i++) {
			int left = i % 5;
			int right = (i + 1) % 5;
			LockTemplate process = processes.get(i % 3);
			philosophers.add(() -> {
				for (int meal = 0; meal < meals; meal++) {
					process.executeWithoutResult(LockRequest.of("fork-" + left, "fork-" + right), (lock) -> {
						forks.get(left).use(lock);
						forks.get(right).use(lock);
					});
				}
			});
		}
		run(philosophers);
		assertThat(forks).extracting(Guarded::writes).containsOnly(4 * meals);
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 16 })
	void overlappingReadersAndWritersNeverMeet(int turnLimit) {
		List<Guarded> things = Stream.generate(Guarded::new).limit(6).toList();
		List<Runnable> guests = new ArrayList<>();
		for (LockTemplate process : processes(turnLimit)) {
			for (int i = 0; i < 4; i++) {
				Random random = new Random(guests.size());
				guests.add(() -> {
					for (int round = 0; round < 40; round++) {
						visit(process, random, things);
					}
				});
			}
		}
		run(guests);
		assertThat(things.stream().mapToInt(Guarded::writes).sum()).isPositive();
		assertThat(things.stream().mapToInt(Guarded::reads).sum()).isPositive();
	}

	private static void visit(LockTemplate process, Random random, List<Guarded> things) {
		List<Integer> some = new ArrayList<>(IntStream.range(0, things.size()).boxed().toList());
		Collections.shuffle(some, random);
		List<Integer> chosen = some.subList(0, 1 + random.nextInt(3));
		LockRequest request = LockRequest.of(chosen.stream().map((i) -> "thing-" + i).toArray(String[]::new))
			.waitingUpTo(Duration.ofSeconds(30));
		boolean downgrade = random.nextInt(4) == 0;
		process.executeWithoutResult(random.nextBoolean() ? request.shared() : request, (lock) -> {
			chosen.forEach((i) -> things.get(i).use(lock));
			if (downgrade && lock.mode() == LockMode.EXCLUSIVE) {
				lock.downgrade();
				chosen.forEach((i) -> things.get(i).use(lock));
			}
		});
	}

	/** Something that notices who meets there, and with which token they come. */
	private static final class Guarded {

		private int writers;

		private int readers;

		private int writes;

		private int reads;

		private long highestWriter;

		private long highestReader;

		void use(LockHandle lock) {
			enter(lock);
			Thread.yield();
			leave(lock);
		}

		/** The rule of a fence for readers and writers. */
		private synchronized void enter(LockHandle lock) {
			long token = lock.fencingToken();
			assertThat(this.writers).as("writers beside %s", lock).isZero();
			assertThat(token).as("token of %s", lock).isGreaterThanOrEqualTo(this.highestWriter);
			if (lock.mode() == LockMode.SHARED) {
				this.readers++;
				this.reads++;
				this.highestReader = Math.max(this.highestReader, token);
			}
			else {
				assertThat(this.readers).as("readers beside %s", lock).isZero();
				assertThat(token).as("token of %s", lock).isGreaterThan(this.highestReader);
				this.writers++;
				this.writes++;
				this.highestWriter = token;
			}
		}

		private synchronized void leave(LockHandle lock) {
			if (lock.mode() == LockMode.SHARED) {
				this.readers--;
			}
			else {
				this.writers--;
			}
		}

		synchronized int writes() {
			return this.writes;
		}

		synchronized int reads() {
			return this.reads;
		}

	}

}
