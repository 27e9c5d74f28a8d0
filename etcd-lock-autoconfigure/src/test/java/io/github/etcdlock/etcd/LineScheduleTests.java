package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Stream;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Random schedules of lines that are waited in: callers of two processes who enter, are
 * served, time out, go away and release, while requests and answers of all of it get lost
 * or come late, several at a time, and events overtake them or stay behind. Nobody may
 * meet, everybody is answered, and nothing is left. The seed decides about every step,
 * and all schedules run at once.
 */
class LineScheduleTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private static final int SCHEDULES = 12;

	private static final int STEPS = 80;

	private static final int FEWEST_SERVED = 5;

	private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

	private static final List<Predicate<Object>> REQUESTS = List.of(Traffic::isTake, Traffic::isHandOver,
			Traffic::isRelease, Traffic::isEndByName, Traffic::isRead);

	private final AtomicInteger served = new AtomicInteger();

	private final Managers managers = new Managers(etcd.cluster());

	@Test
	void nobodyMeetsAndNothingIsLeftWhateverTheSchedule() {
		try (this.managers) {
			CompletableFuture.allOf(Stream.iterate(1, (seed) -> seed + 1).limit(SCHEDULES).map((seed) -> {
				Schedule schedule = new Schedule(seed);
				return CompletableFuture.runAsync(schedule::run, (task) -> new Thread(task, "schedule").start());
			}).toArray(CompletableFuture<?>[]::new)).join();
			assertThat(this.served).hasValueGreaterThan(SCHEDULES * FEWEST_SERVED);
			this.managers.closeAndLeaveNothing();
		}
	}

	private final class Schedule {

		private final Random random;

		private final List<String> keys;

		private final List<Traffic> traffic = List.of(new Traffic(), new Traffic());

		private final List<LockTemplate> processes;

		private final List<CompletableFuture<LockHandle>> asked = new ArrayList<>();

		private final List<Fault> faults = new ArrayList<>();

		private final List<LockHandle> held = new ArrayList<>();

		private final Map<String, Long> highestWriter = new HashMap<>();

		private final List<String> log = new CopyOnWriteArrayList<>();

		private final List<String> wrong = new CopyOnWriteArrayList<>();

		private boolean closing;

		Schedule(int seed) {
			this.random = new Random(seed);
			this.log.add("seed " + seed);
			this.keys = List.of("line-" + seed + "-a", "line-" + seed + "-b");
			this.processes = this.traffic.stream()
				.map((traffic) -> LineScheduleTests.this.managers.with()
					.turns(3, Duration.ofMillis(20))
					.traffic(traffic)
					.template())
				.toList();
		}

		void run() {
			// A connection that is still being made would lose more than the faults do.
			this.processes.forEach((process) -> process.executeWithoutResult("warm-" + this.keys, (lock) -> {
			}));
			for (int i = 0; i < STEPS && this.wrong.isEmpty(); i++) {
				switch (this.random.nextInt(12)) {
					case 0, 1, 2, 3 -> enter();
					case 4, 5, 6 -> release();
					case 7 -> goAway();
					case 8, 9 -> breakOne();
					case 10 -> mendOne();
					default -> holdEvents();
				}
				LockSupport.parkNanos(this.random.nextInt(15_000_000));
			}
			mendAll();
			closeAll();
			CompletableFuture<?> all = CompletableFuture.allOf(this.asked.toArray(CompletableFuture<?>[]::new));
			await().alias(text()).atMost(LONGEST_WAIT.plusSeconds(5)).until(all::isDone);
			assertThat(this.wrong).as(text()).isEmpty();
		}

		/** Some wait for long, some not at all. */
		private void enter() {
			int process = this.random.nextInt(2);
			List<String> some = new ArrayList<>(this.keys);
			Collections.shuffle(some, this.random);
			int count = (this.random.nextInt(4) == 0) ? 2 : 1;
			Duration wait = List
				.of(Duration.ZERO, Duration.ofMillis(this.random.nextInt(40)), LONGEST_WAIT, LONGEST_WAIT)
				.get(this.random.nextInt(4));
			LockRequest request = LockRequest.of(some.subList(0, count).toArray(String[]::new)).waitingUpTo(wait);
			LockRequest wish = (this.random.nextInt(3) == 0) ? request.shared() : request;
			this.log.add(process + " asks for " + wish);
			CompletableFuture<LockHandle> answer = this.processes.get(process).acquireAsync(wish);
			this.asked.add(answer);
			answer.whenComplete((lock, failure) -> {
				if (failure == null) {
					served(lock);
				}
				else {
					failed(failure);
				}
			});
		}

		private synchronized void served(LockHandle lock) {
			LineScheduleTests.this.served.incrementAndGet();
			this.log.add("served " + lock.keys() + " " + lock.fencingToken());
			boolean shared = lock.mode() == LockMode.SHARED;
			this.held.stream()
				.filter((other) -> !Collections.disjoint(other.keys(), lock.keys())
						&& !(shared && other.mode() == LockMode.SHARED))
				.forEach((other) -> this.wrong.add(other + " is held, and so is " + lock));
			for (String key : lock.keys()) {
				long highest = this.highestWriter.getOrDefault(key, 0L);
				if (lock.fencingToken() <= highest) {
					this.wrong.add(lock + " comes after the token " + highest);
				}
				if (!shared) {
					this.highestWriter.put(key, lock.fencingToken());
				}
			}
			lock.onLost(() -> this.wrong.add(lock + " is lost"));
			if (this.closing) {
				lock.closeAsync();
			}
			else {
				this.held.add(lock);
			}
		}

		private void failed(Throwable failure) {
			Throwable cause = (failure instanceof CompletionException) ? failure.getCause() : failure;
			this.log.add(cause.getClass().getSimpleName());
			if (!(cause instanceof LockNotAcquiredException || cause instanceof LockUnavailableException
					|| cause instanceof CancellationException)) {
				this.wrong.add(cause.toString());
			}
		}

		private synchronized void release() {
			if (!this.held.isEmpty()) {
				LockHandle lock = this.held.remove(this.random.nextInt(this.held.size()));
				this.log.add("releases " + lock.keys() + " " + lock.fencingToken());
				lock.closeAsync();
			}
		}

		private void goAway() {
			List<CompletableFuture<LockHandle>> waiting = this.asked.stream()
				.filter((answer) -> !answer.isDone())
				.toList();
			if (!waiting.isEmpty()) {
				this.log.add("goes away");
				waiting.get(this.random.nextInt(waiting.size())).cancel(true);
			}
		}

		private void breakOne() {
			Fault.Kind kind = Fault.Kind.values()[this.random.nextInt(Fault.Kind.values().length)];
			int which = this.random.nextInt(REQUESTS.size());
			int process = this.random.nextInt(2);
			this.log.add(process + ": " + kind + " of kind " + which);
			this.faults.add(this.traffic.get(process).fault(kind, REQUESTS.get(which)));
		}

		private void mendOne() {
			if (!this.faults.isEmpty()) {
				this.log.add("lets one go");
				this.faults.remove(this.random.nextInt(this.faults.size())).release();
			}
		}

		private void holdEvents() {
			Gate events = this.traffic.get(this.random.nextInt(2)).watchEvents();
			if (this.random.nextBoolean()) {
				this.log.add("events are late");
				events.shut();
			}
			else {
				events.open();
			}
		}

		private void mendAll() {
			this.log.add("all is mended");
			this.faults.forEach(Fault::release);
			this.traffic.forEach((traffic) -> traffic.watchEvents().open());
		}

		/** Whoever is served from now on releases at once. */
		private synchronized void closeAll() {
			this.closing = true;
			this.held.forEach(LockHandle::closeAsync);
			this.held.clear();
		}

		private String text() {
			return this.log.toString();
		}

	}

}
