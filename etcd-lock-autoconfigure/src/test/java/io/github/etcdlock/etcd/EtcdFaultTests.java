package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.test.EtcdCluster;
import io.github.etcdlock.test.EtcdContents;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/** Members of etcd die, stand still and come back. */
class EtcdFaultTests {

	private static final Duration TTL = Duration.ofSeconds(6);

	private static List<String> lossesOf(LockHandle lock) {
		List<String> lost = new CopyOnWriteArrayList<>();
		lock.onLost(() -> lost.add("lost"));
		return lost;
	}

	/** Every session is renewed, and nothing else is. */
	private static void renewsExactlyItsSessions(Managers managers, Traffic... traffic) {
		for (Traffic each : traffic) {
			each.forget();
		}
		await().pollDelay(TTL.dividedBy(2)).atMost(TTL.multipliedBy(3)).untilAsserted(() -> {
			Set<Long> renewed = new HashSet<>();
			for (Traffic each : traffic) {
				renewed.addAll(each.renewedLeases());
			}
			assertThat(renewed).containsExactlyInAnyOrderElementsOf(managers.leases());
		});
	}

	/** Held when its lease would have ended, had it not been renewed since. */
	private static void outlivesItsLease(LockHandle lock, long since) {
		await().atMost(TTL.multipliedBy(3)).until(() -> System.nanoTime() - since > TTL.toNanos() && lock.isHeld());
	}

	private static LockRequest patient(String key) {
		return LockRequest.of(key).waitingUpTo(Duration.ofMinutes(1));
	}

	@Nested
	class OneMember {

		@AutoClose
		private final EtcdCluster cluster = EtcdCluster.ofOne();

		@AutoClose
		private final Managers managers = new Managers(this.cluster);

		private final Traffic traffic = new Traffic();

		private final Traffic otherTraffic = new Traffic();

		private final LockTemplate locks = this.managers.with().ttl(TTL).traffic(this.traffic).template();

		private final LockTemplate others = this.managers.with().ttl(TTL).traffic(this.otherTraffic).template();

		@Test
		void waiterAndHolderOutliveARestartOfEtcd() throws Exception {
			LockHandle lock = this.others.acquire("a");
			List<String> lost = lossesOf(lock);
			CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(patient("a"));
			await().until(() -> this.managers.queued("a").size() == 2);
			this.cluster.kill(0);
			long killed = System.nanoTime();
			this.cluster.restart(0);
			outlivesItsLease(lock, killed);
			assertThat(lost).isEmpty();
			assertThat(waiter).isNotDone();
			lock.close();
			assertThat(waiter.get(20, TimeUnit.SECONDS).isHeld()).isTrue();
			renewsExactlyItsSessions(this.managers, this.traffic, this.otherTraffic);
			this.managers.closeAndLeaveNothing();
		}

		@Test
		void etcdThatIsDownForLongerThanTheTtlIsALossAndHeals() throws Exception {
			LockHandle lock = this.others.acquire("a");
			List<String> lost = lossesOf(lock);
			CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(patient("a"));
			await().until(() -> this.managers.queued("a").size() == 2);
			this.cluster.kill(0);
			await().atMost(TTL.plusSeconds(5)).until(() -> !lost.isEmpty());
			assertThat(lock.isHeld()).isFalse();
			assertThat(waiter).failsWithin(Duration.ofSeconds(15))
				.withThrowableThat()
				.withCauseInstanceOf(LockUnavailableException.class);
			this.cluster.restart(0);
			await().until(() -> canLock(this.locks));
			LockHandle again = this.locks.acquire(patient("a"));
			assertThat(again.isHeld()).isTrue();
			assertThat(lost).hasSize(1);
			this.managers.closeAndLeaveNothing();
		}

		@Test
		void firstLockFailsInItsTimeWhileEtcdIsDownAndHealsWhenItComes() throws Exception {
			this.cluster.kill(0);
			LockRequest request = patient("a");
			long start = System.nanoTime();
			assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> this.locks.acquire(request))
				.withMessageContaining("\"a\"")
				.withMessageContaining("127.0.0.1");
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
			assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> this.locks.tryAcquire("a"));
			this.cluster.restart(0);
			await().until(() -> canLock(this.locks));
			assertThat(this.locks.acquire(request).isHeld()).isTrue();
		}

		@Test
		void lockThatIsAskedForWhileEtcdComesUpWaitsForIt() throws Exception {
			LockTemplate patient = this.managers.with().requestTimeout(Duration.ofSeconds(20)).template();
			this.cluster.kill(0);
			CompletableFuture<LockHandle> waiter = patient.acquireAsync(patient("a"));
			this.cluster.restart(0);
			assertThat(waiter.get(20, TimeUnit.SECONDS).isHeld()).isTrue();
		}

		@Test
		void pausedEtcdIsUnavailableInTime() throws Exception {
			this.locks.acquire("warm").close();
			this.cluster.pause(0);
			long start = System.nanoTime();
			assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> this.locks.tryAcquire("a"));
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
			this.cluster.resume(0);
			await().until(() -> canLock(this.locks));
		}

	}

	@Nested
	class ThreeMembers {

		private static EtcdCluster cluster;

		private Managers managers;

		private final Traffic traffic = new Traffic();

		private final Traffic otherTraffic = new Traffic();

		private LockTemplate locks;

		private LockTemplate others;

		@BeforeAll
		static void startCluster() {
			cluster = EtcdCluster.ofThree();
		}

		@AfterAll
		static void stopCluster() {
			cluster.close();
		}

		@BeforeEach
		void start() throws Exception {
			this.managers = new Managers(cluster);
			this.locks = start(this.traffic);
			this.others = start(this.otherTraffic);
			await().atMost(Duration.ofSeconds(30)).until(() -> canLock(this.others) && canLock(this.locks));
		}

		/** With time for an election. */
		private LockTemplate start(Traffic steered) {
			return this.managers.with().ttl(TTL).requestTimeout(Duration.ofSeconds(4)).traffic(steered).template();
		}

		@AfterEach
		void close() {
			this.managers.close();
		}

		@Test
		void holderKeepsItsLockWhenTheLeaderIsKilled() throws Exception {
			LockHandle lock = this.locks.acquire("a");
			List<String> lost = lossesOf(lock);
			CompletableFuture<LockHandle> waiter = this.others.acquireAsync(patient("a"));
			int leader = cluster.leader();
			cluster.kill(leader);
			outlivesItsLease(lock, System.nanoTime());
			assertThat(lost).isEmpty();
			assertThat(waiter).isNotDone();
			lock.close();
			assertThat(waiter.get(20, TimeUnit.SECONDS).isHeld()).isTrue();
			cluster.restart(leader);
			renewsExactlyItsSessions(this.managers, this.traffic, this.otherTraffic);
			this.managers.closeAndLeaveNothing();
		}

		@Test
		void waiterIsServedWhenTheLeaderWasKilled() throws Exception {
			LockHandle lock = this.others.acquire("a");
			CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(patient("a"));
			await().until(() -> this.managers.queued("a").size() == 2);
			int leader = cluster.leader();
			cluster.kill(leader);
			lock.close();
			assertThat(waiter.get(20, TimeUnit.SECONDS).isHeld()).isTrue();
			await().until(() -> this.managers.queued("a").size() == 1);
			cluster.restart(leader);
			this.managers.closeAndLeaveNothing();
		}

		@ParameterizedTest
		@ValueSource(ints = { 0, 1, 2 })
		void frozenMemberLosesAndHangsNothing(int member) throws Exception {
			LockHandle lock = this.locks.acquire("a");
			List<String> lost = lossesOf(lock);
			CompletableFuture<LockHandle> waiter = this.others.acquireAsync(patient("a"));
			await().until(() -> this.managers.queued("a").size() == 2);
			long place = this.managers.queued("a")
				.stream()
				.mapToLong(EtcdContents.Key::createRevision)
				.max()
				.orElseThrow();
			cluster.pause(member);
			try {
				outlivesItsLease(lock, System.nanoTime());
				await().until(() -> canLock(this.locks));
				for (int i = 0; i < 20; i++) {
					long start = System.nanoTime();
					this.locks.acquire("b" + i).close();
					assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
				}
				assertThat(lost).isEmpty();
				lock.close();
				assertThat(waiter.get(20, TimeUnit.SECONDS).revision()).isEqualTo(place);
			}
			finally {
				cluster.resume(member);
			}
		}

		@Test
		void membersRestartedOneByOneLoseNothing() throws Exception {
			LockHandle lock = this.locks.acquire("a");
			List<String> lost = lossesOf(lock);
			for (int member = 0; member < 3; member++) {
				cluster.kill(member);
				this.locks.acquire("b").close();
				cluster.restart(member);
				this.others.acquire("b").close();
			}
			assertThat(lock.isHeld()).isTrue();
			assertThat(lost).isEmpty();
			this.managers.closeAndLeaveNothing();
		}

	}

	private static boolean canLock(LockTemplate template) throws InterruptedException {
		try {
			template.acquire("probe").close();
			return true;
		}
		catch (LockUnavailableException ex) {
			return false;
		}
	}

}
