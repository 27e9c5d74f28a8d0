package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Random schedules of what can happen to a session and to what the reaper ends, against
 * what must hold: answers that come late or never, clocks that leap, machines that sleep,
 * leases that others revoke. Each schedule is a process of its own, all run at once, and
 * the seed decides about every step.
 */
class SessionScheduleTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private static final int SCHEDULES = 16;

	private static final int STEPS = 25;

	private static final Duration TTL = Duration.ofSeconds(20);

	private static final long PROVEN = TTL.minusSeconds(1).toNanos();

	private final Managers managers = new Managers(etcd.cluster());

	@Test
	void whatIsSaidToBeHeldIsHeldWhateverTheSchedule() {
		try (this.managers; Outsider outsider = new Outsider(etcd.endpoint())) {
			List<CompletableFuture<Void>> schedules = new ArrayList<>();
			for (int seed = 1; seed <= SCHEDULES; seed++) {
				Schedule schedule = new Schedule(seed, outsider);
				schedules
					.add(CompletableFuture.runAsync(schedule::run, (task) -> new Thread(task, "schedule").start()));
			}
			CompletableFuture.allOf(schedules.toArray(CompletableFuture<?>[]::new)).join();
			this.managers.closeAndLeaveNothing();
		}
	}

	private final class Schedule {

		private final Random random;

		private final Outsider outsider;

		private final String key;

		private final Traffic traffic = new Traffic();

		private final SteeredClock clock = new SteeredClock();

		private final LockTemplate locks;

		private final List<String> log = new CopyOnWriteArrayList<>();

		private LockHandle lock;

		private AtomicBoolean lost = new AtomicBoolean();

		private long token;

		/** Since when no renewal is answered, or 0. */
		private long cutSince;

		private boolean slept;

		Schedule(int seed, Outsider outsider) {
			this.random = new Random(seed);
			this.outsider = outsider;
			this.key = "schedule-" + seed;
			this.log.add("seed " + seed);
			this.locks = SessionScheduleTests.this.managers.with()
				.ttl(TTL)
				.traffic(this.traffic)
				.clock(this.clock)
				.template();
			this.lock = take();
		}

		void run() {
			for (int i = 0; i < STEPS; i++) {
				int step = this.random.nextInt(12);
				switch (step) {
					case 0, 1, 2 -> cut();
					case 3, 4, 5 -> leap();
					case 6, 7 -> sleepMachine();
					case 8, 9 -> mend();
					case 10 -> takeAway();
					default -> release();
				}
				check();
			}
			mend();
			this.lock.close();
		}

		private LockHandle take() {
			try {
				LockHandle taken = this.locks.acquire(this.key);
				AtomicBoolean lost = new AtomicBoolean();
				this.lost = lost;
				taken.onLost(() -> lost.set(true));
				assertThat(taken.fencingToken()).as(this::text).isGreaterThan(this.token);
				this.token = taken.fencingToken();
				return taken;
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new IllegalStateException(ex);
			}
		}

		/** From now on answers to renewals come late, or never. */
		private void cut() {
			if (this.cutSince == 0) {
				boolean never = this.random.nextBoolean();
				if (never) {
					this.traffic.renewals().lose((answer) -> true);
				}
				else {
					this.traffic.renewals().shut();
				}
				this.cutSince = this.clock.nanos();
				this.log.add(never ? "answers are lost" : "answers are late");
			}
		}

		private void leap() {
			Duration time = Duration.ofMillis(this.random.nextInt((this.cutSince == 0) ? 1500 : 9000));
			this.log.add("leaps " + time);
			this.clock.leap(time);
		}

		private void sleepMachine() {
			Duration time = Duration.ofSeconds(2 + this.random.nextInt(100));
			this.log.add("sleeps " + time);
			this.clock.sleepMachine(time);
			this.slept = this.cutSince != 0;
		}

		/** Answers come again; a machine that seems to have slept asks at once. */
		private void mend() {
			boolean due = this.cutSince != 0 && this.clock.nanos() - this.cutSince >= PROVEN - TTL.toNanos() / 3;
			this.traffic.renewals().lose((answer) -> false);
			this.traffic.renewals().open();
			this.cutSince = 0;
			this.slept = false;
			this.clock.sleepMachine(Duration.ofMinutes(1));
			this.log.add(due ? "mended late" : "mended");
			await().alias(text()).until(() -> this.lock.isHeld() || this.lost.get());
			if (this.lost.get()) {
				assertThat(due).as(this::text).isTrue();
				this.lock.close();
				this.lock = take();
			}
		}

		/** An operator revokes the lease or deletes the key. */
		private void takeAway() {
			mend();
			this.log.add("taken away");
			String owned = this.lock.ownershipKeys().get(0);
			if (this.random.nextBoolean()) {
				this.outsider.revoke(SessionScheduleTests.this.managers.queued(this.key).get(0).lease());
			}
			else {
				this.outsider.delete(owned);
			}
			await().alias(text()).until(this.lost::get);
			assertThat(this.lock.isHeld()).as(this::text).isFalse();
			this.lock.close();
			this.lock = take();
		}

		/** The request may get lost, or its answer: the reaper sees to it. */
		private void release() {
			mend();
			Fault.Kind kind = this.random.nextBoolean() ? Fault.Kind.LOSE_REQUEST : Fault.Kind.LOSE_ANSWER;
			this.log.add("releases, " + kind);
			Fault fault = this.traffic.fault(kind,
					(message) -> Traffic.isRelease(message) || message instanceof LeaseRevokeRequest);
			this.lock.close();
			await().alias(text()).until(() -> SessionScheduleTests.this.managers.queued(this.key).isEmpty());
			assertThat(fault.met()).as(this::text).isTrue();
			assertThat(this.lost).as(this::text).isFalse();
			this.lock = take();
		}

		private void check() {
			long now = this.clock.nanos();
			boolean before = this.lost.get();
			boolean held = this.lock.isHeld();
			if (held) {
				assertThat(before).as(this::text).isFalse();
				assertThat(this.slept).as(this::text).isFalse();
				assertThat(this.cutSince == 0 || now - this.cutSince < PROVEN).as(this::text).isTrue();
				assertThat(SessionScheduleTests.this.managers.queued(this.key)).as(this::text)
					.anyMatch((queued) -> queued.createRevision() == this.lock.revision());
			}
			if (this.cutSince == 0) {
				assertThat(this.lost).as(this::text).isFalse();
			}
		}

		private String text() {
			return this.log.toString();
		}

	}

}
