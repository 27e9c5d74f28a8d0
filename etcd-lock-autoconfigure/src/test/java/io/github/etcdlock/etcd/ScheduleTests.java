package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.test.EtcdContents;
import io.github.etcdlock.test.EtcdExtension;
import io.grpc.Status;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Orders of events that would break a lock but for a rule of the protocol (the numbers
 * are those of the design). Answers that were lost count as not given, so a request whose
 * answer is lost may have been carried out, or may yet be.
 */
class ScheduleTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	@AutoClose
	private final Outsider outsider = new Outsider(etcd.endpoint());

	private final Traffic traffic = new Traffic();

	private final SteeredClock clock = new SteeredClock();

	private final LeaseManager manager = this.managers.with()
		.withoutPasses()
		.requestTimeout(Duration.ofSeconds(10))
		.traffic(this.traffic)
		.clock(this.clock)
		.start();

	private final LockTemplate locks = this.manager.lockTemplate();

	private final LockTemplate others = this.managers.template();

	@BeforeEach
	void beginSession() throws Exception {
		this.locks.acquire("warm").close();
		this.others.acquire("warm").close();
		this.outsider.revision();
		Managers.awaitWatches(this.manager, 1);
		this.traffic.forget();
	}

	private CompletableFuture<LockHandle> ask() {
		return this.locks.acquireAsync(LockRequest.of("a"));
	}

	/** A waiter that etcd knows, behind a key that is there already. */
	private CompletableFuture<LockHandle> askAndQueue() {
		CompletableFuture<LockHandle> waiter = ask();
		await().until(() -> this.managers.queued("a").size() == 2 && !this.traffic.watches().isEmpty());
		return waiter;
	}

	private static LockHandle granted(CompletableFuture<LockHandle> waiter) throws Exception {
		return waiter.get(5, TimeUnit.SECONDS);
	}

	/** The lock's key is in etcd, with its revision, and the first of its line. */
	private void isTrulyHeld(LockHandle lock) {
		assertThat(lock.isHeld()).isTrue();
		EtcdContents.Key first = inLine().get(0);
		assertThat(lock.ownershipKeys()).containsExactly(first.name());
		assertThat(lock.revision()).isEqualTo(first.createRevision());
	}

	/** Those in line, the first of them first. */
	private List<EtcdContents.Key> inLine() {
		return this.managers.queued("a")
			.stream()
			.sorted(Comparator.comparingLong(EtcdContents.Key::createRevision))
			.toList();
	}

	private void awaitNobodyInLine() {
		await().until(() -> this.managers.queued("a").isEmpty());
	}

	/** Rule 1. */
	@Nested
	class RepeatedTake {

		@Test
		void takeThatCommitsAfterItsNameWasEndedLeavesNoOrphan() throws Exception {
			Fault fault = traffic.fault(Fault.Kind.LOSE_REQUEST, Traffic::isTake);
			LockHandle lock = granted(ask());
			awaitTombstone();
			TxnRequest late = fault.awaitRequest(TxnRequest.class);
			assertThat(outsider.txn(late).getSucceeded()).isFalse();
			isTrulyHeld(lock);
			assertThat(managers.queued("a")).hasSize(1);
			lock.close();
			assertThat(outsider.txn(late).getSucceeded()).isFalse();
			assertThat(managers.queued("a")).isEmpty();
		}

		@Test
		void takeThatCommitsBeforeItsNameIsEndedBlocksNobody() throws Exception {
			Fault lost = traffic.fault(Fault.Kind.LOSE_REQUEST, Traffic::isTake);
			Fault end = traffic.fault(Fault.Kind.HOLD_REQUEST, Traffic::isEndByName);
			LockHandle lock = granted(ask());
			end.awaitRequest(TxnRequest.class);
			assertThat(outsider.txn(lost.awaitRequest(TxnRequest.class)).getSucceeded()).isTrue();
			assertThat(managers.queued("a")).hasSize(2);
			end.release();
			await().until(() -> managers.queued("a").size() == 1);
			isTrulyHeld(lock);
			lock.close();
			assertThat(others.tryAcquire("a")).isPresent();
		}

		@Test
		void takeThatCommitsBeforeItsRepetitionOnlyDelaysIt() throws Exception {
			Fault lost = traffic.fault(Fault.Kind.LOSE_REQUEST, Traffic::isTake);
			Fault again = traffic.fault(Fault.Kind.HOLD_REQUEST, Traffic::isTake);
			Fault end = traffic.fault(Fault.Kind.HOLD_REQUEST, Traffic::isEndByName);
			CompletableFuture<LockHandle> waiter = ask();
			again.awaitRequest(TxnRequest.class);
			assertThat(outsider.txn(lost.awaitRequest(TxnRequest.class)).getSucceeded()).isTrue();
			again.release();
			await().until(() -> managers.queued("a").size() == 2);
			end.release();
			isTrulyHeld(granted(waiter));
		}

		@Test
		void tombstonesEndWithTheSession() throws Exception {
			traffic.fault(Fault.Kind.LOSE_ANSWER, Traffic::isTake);
			granted(ask());
			awaitTombstone();
			assertThat(tombstones()).allMatch((key) -> key.lease() != 0);
			managers.closeAndLeaveNothing();
		}

		private void awaitTombstone() {
			await().until(() -> !tombstones().isEmpty());
		}

		private List<EtcdContents.Key> tombstones() {
			return etcd.cluster().contents().under(managers.prefix() + "/.ended/");
		}

	}

	/** Which names are used again, and when. */
	@Nested
	class Names {

		@Test
		void nameIsUsedAgainWhenItsEndIsConfirmed() throws Exception {
			String first = nameOf(granted(ask()));
			assertThat(nameOf(granted(ask()))).isEqualTo(first);
		}

		@Test
		void nameOfATakeWithoutAnswerIsSpent() throws Exception {
			String first = nameOf(granted(ask()));
			Fault lost = traffic.fault(Fault.Kind.LOSE_ANSWER, Traffic::isTake);
			String second = nameOf(granted(ask()));
			assertThat(lost.awaitRequest(TxnRequest.class).toString()).contains(first);
			assertThat(second).isNotEqualTo(first);
			assertThat(nameOf(granted(ask()))).isEqualTo(second);
		}

		@Test
		void nameOfAReleaseWithoutAnswerIsSpent() throws Exception {
			LockHandle lock = granted(ask());
			String first = lock.ownershipKeys().get(0);
			traffic.fault(Fault.Kind.LOSE_ANSWER, Traffic::isRelease);
			lock.close();
			assertThat(nameOf(granted(ask()))).isNotEqualTo(first);
		}

		@Test
		void nameOfALockThatWasTakenAwayIsSpent() throws Exception {
			LockHandle lock = granted(ask());
			String first = lock.ownershipKeys().get(0);
			outsider.delete(first);
			lock.close();
			assertThat(nameOf(granted(ask()))).isNotEqualTo(first);
		}

		@Test
		void nameThatAStrangerHasPutIsSpent() throws Exception {
			String first = nameOf(granted(ask()));
			outsider.put(first);
			CompletableFuture<LockHandle> waiter = ask();
			await().until(() -> managers.queued("a").size() == 2 && !traffic.watches().isEmpty());
			outsider.delete(first);
			assertThat(nameOf(granted(waiter))).isNotEqualTo(first);
		}

		@Test
		void nameThatStaysForAMinimumTimeIsNotUsedMeanwhile() throws Exception {
			LockHandle lock = granted(ask());
			String first = lock.ownershipKeys().get(0);
			lock.holdAtLeast(Duration.ofSeconds(2));
			lock.close();
			assertThat(inLine()).extracting(EtcdContents.Key::name).containsExactly(first);
			assertThat(nameOf(granted(ask()))).isNotEqualTo(first);
		}

		@Test
		void keyThatNobodyKnowsIsEndedWithoutHarmToOneOfItsName() throws Exception {
			LockHandle lock = granted(ask());
			String stranger = lock.ownershipKeys().get(0).replace(managers.line("a"), managers.line("b"));
			outsider.put(stranger, managers.queued("a").get(0).lease());
			CompletableFuture<Audit> audit = new CompletableFuture<>();
			manager.engine().loop().run(() -> {
				Session session = manager.sessions().get(manager.engine().settings().ttl().toSeconds());
				audit.complete(new Audit(manager.engine(), session));
			});
			await().pollInterval(Duration.ofMillis(50)).until(() -> {
				manager.engine().loop().run(audit.join()::run);
				return managers.queued("b").isEmpty();
			});
			isTrulyHeld(lock);
			LockHandle other = locks.acquire("b");
			assertThat(other.ownershipKeys()).doesNotContain(stranger);
			assertThat(other.isHeld()).isTrue();
		}

		private String nameOf(LockHandle lock) {
			String name = lock.ownershipKeys().get(0);
			lock.close();
			return name;
		}

	}

	/** Rule 2. */
	@Nested
	class LostAnswers {

		@Test
		void takeWhoseAnswerIsLostLeavesNoKeyBesideTheLocks() throws Exception {
			traffic.fault(Fault.Kind.LOSE_ANSWER, Traffic::isTake);
			LockHandle lock = granted(ask());
			isTrulyHeld(lock);
			assertThat(managers.queued("a")).hasSize(1);
			lock.close();
			assertThat(managers.queued("a")).isEmpty();
		}

		@Test
		void tryWhoseAnswerIsLostIsNotBusyWithItself() throws Exception {
			traffic.fault(Fault.Kind.LOSE_ANSWER, Traffic::isTake);
			LockHandle lock = locks.tryAcquire("a").orElseThrow();
			isTrulyHeld(lock);
			lock.close();
			awaitNobodyInLine();
		}

		@Test
		void tryIsRepeatedWhenWhatItMayHavePutIsGone() throws Exception {
			traffic.fault(Fault.Kind.LOSE_ANSWER, Traffic::isTake);
			Fault end = traffic.fault(Fault.Kind.HOLD_REQUEST, Traffic::isEndByName);
			CompletableFuture<Optional<LockHandle>> attempt = CompletableFuture.supplyAsync(() -> tryIt("a"),
					(task) -> new Thread(task, "user").start());
			end.awaitRequest(TxnRequest.class);
			await().during(Duration.ofMillis(300)).until(() -> !attempt.isDone());
			end.release();
			isTrulyHeld(attempt.get().orElseThrow());
		}

		private Optional<LockHandle> tryIt(String key) {
			try {
				return locks.tryAcquire(key);
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

		@Test
		void tryWhoseTraceCannotBeEndedFailsInTime() throws Exception {
			LockTemplate hasty = managers.with().requestTimeout(Duration.ofSeconds(3)).traffic(traffic).template();
			hasty.acquire("warm").close();
			traffic.fault(Fault.Kind.LOSE_ANSWER, Traffic::isTake);
			for (int i = 0; i < 25; i++) {
				traffic.fault(Fault.Kind.LOSE_REQUEST, Traffic::isEndByName);
			}
			assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> hasty.tryAcquire("a"));
			assertThat(managers.queued("a")).hasSize(1);
			awaitNobodyInLine();
		}

		@Test
		void takeThatIsGivenUpWithoutAnAnswerLeavesNothing() throws Exception {
			Fault fault = traffic.fault(Fault.Kind.HOLD_ANSWER, Traffic::isTake);
			CompletableFuture<LockHandle> waiter = ask();
			fault.awaitAnswer();
			assertThat(managers.queued("a")).hasSize(1);
			waiter.cancel(false);
			fault.release();
			awaitNobodyInLine();
			assertThat(others.tryAcquire("a")).isPresent();
		}

		@Test
		void releaseWhoseAnswerIsLostIsRepeated() throws Exception {
			LockHandle lock = granted(ask());
			Fault fault = traffic.fault(Fault.Kind.LOSE_ANSWER, Traffic::isRelease);
			lock.close();
			assertThat(fault.met()).isTrue();
			assertThat(managers.queued("a")).isEmpty();
		}

		@Test
		void releaseThatNeverArrivedIsRepeated() throws Exception {
			LockHandle lock = granted(ask());
			traffic.fault(Fault.Kind.LOSE_REQUEST, Traffic::isRelease);
			lock.close();
			assertThat(managers.queued("a")).isEmpty();
			assertThat(others.tryAcquire("a")).isPresent();
		}

		@Test
		void releaseThatArrivesTwiceHurtsNobody() throws Exception {
			LockHandle lock = granted(ask());
			Fault fault = traffic.fault(Fault.Kind.LOSE_ANSWER, Traffic::isRelease);
			lock.close();
			LockHandle next = granted(ask());
			assertThat(outsider.txn(fault.awaitRequest(TxnRequest.class)).getSucceeded()).isFalse();
			isTrulyHeld(next);
		}

		@Test
		void handOverWhoseAnswerIsLostHasNoTwoHolders() throws Exception {
			handOverThrough(Fault.Kind.LOSE_ANSWER);
		}

		@Test
		void handOverThatNeverArrivedHasNoTwoHolders() throws Exception {
			handOverThrough(Fault.Kind.LOSE_REQUEST);
		}

		private void handOverThrough(Fault.Kind kind) throws Exception {
			LockHandle lock = granted(ask());
			CompletableFuture<LockHandle> second = ask();
			CompletableFuture<LockHandle> third = ask();
			Fault fault = traffic.fault(kind, Traffic::isHandOver);
			lock.close();
			LockHandle next = granted(second);
			await().until(() -> managers.queued("a").size() == 1);
			isTrulyHeld(next);
			assertThat(next.fencingToken()).isGreaterThan(lock.fencingToken());
			assertThat(outsider.txn(fault.awaitRequest(TxnRequest.class)).getSucceeded()).isFalse();
			isTrulyHeld(next);
			assertThat(third).isNotDone();
			next.close();
			LockHandle last = granted(third);
			assertThat(last.fencingToken()).isGreaterThan(next.fencingToken());
			last.close();
			awaitNobodyInLine();
		}

		@Test
		void handOverOfALockThatIsGoneLosesItAndServesTheNext() throws Exception {
			LockHandle lock = granted(ask());
			CompletableFuture<LockHandle> next = ask();
			List<String> lost = new CopyOnWriteArrayList<>();
			lock.onLost(() -> lost.add("lost"));
			outsider.delete(lock.ownershipKeys().get(0));
			lock.close();
			await().until(() -> lost.size() == 1);
			isTrulyHeld(granted(next));
		}

	}

	/** Rule 3. */
	@Nested
	class OwnKeyGone {

		@Test
		void whatIsToldOfALossMayCloseTheLockToo() throws Exception {
			traffic.watchEvents().shut();
			LockHandle lock = locks.acquire("a");
			List<String> closed = new CopyOnWriteArrayList<>();
			lock.onLost(() -> {
				lock.close();
				closed.add("a");
			});
			outsider.delete(lock.ownershipKeys().get(0));
			lock.close();
			assertThat(closed).containsExactly("a");
			traffic.watchEvents().open();
		}

		@Test
		void emptyLineIsNotTakenForBeingFirst() throws Exception {
			LockHandle lock = others.acquire("a");
			CompletableFuture<LockHandle> waiter = askAndQueue();
			traffic.deafenWatchStream();
			managers.queued("a").forEach((key) -> outsider.delete(key.name()));
			traffic.endWatchStream(Status.UNAVAILABLE);
			isTrulyHeld(granted(waiter));
			assertThat(lock.keys()).containsExactly("a");
		}

		@Test
		void heldKeyOfTheSameNameAtAnotherRevisionIsNotOurs() throws Exception {
			LockHandle lock = granted(ask());
			await().until(() -> traffic.watches().size() == 1);
			traffic.deafenWatchStream();
			outsider.delete(lock.ownershipKeys().get(0));
			outsider.put(lock.ownershipKeys().get(0));
			outsider.compact();
			traffic.endWatchStream(Status.UNAVAILABLE);
			await().atMost(Duration.ofSeconds(5)).until(() -> !lock.isHeld());
			lock.close();
			assertThat(managers.queued("a")).hasSize(1);
		}

		@Test
		void watchThatBeganAfterTheTakeIsNotBelievedBeforeARead() throws Exception {
			LockHandle lock = others.acquire("a");
			Fault take = traffic.fault(Fault.Kind.HOLD_ANSWER, Traffic::isTake);
			CompletableFuture<LockHandle> waiter = ask();
			take.awaitAnswer();
			Fault read = traffic.fault(Fault.Kind.HOLD_ANSWER,
					(message) -> Traffic.isRead(message) && message.toString().contains(managers.line("a")));
			outsider.delete(inLine().get(1).name());
			take.release();
			read.awaitAnswer();
			lock.close();
			await().during(Duration.ofMillis(200)).until(() -> !waiter.isDone());
			read.release();
			isTrulyHeld(granted(waiter));
		}

		@Test
		void keyOfTheSameNameAtAnotherRevisionIsNotOurs() throws Exception {
			others.acquire("a");
			CompletableFuture<LockHandle> waiter = askAndQueue();
			String ours = inLine().get(1).name();
			traffic.deafenWatchStream();
			managers.queued("a").forEach((key) -> outsider.delete(key.name()));
			outsider.put(ours);
			traffic.endWatchStream(Status.UNAVAILABLE);
			await().until(() -> managers.queued("a").size() == 2);
			assertThat(waiter).isNotDone();
			outsider.delete(ours);
			isTrulyHeld(granted(waiter));
		}

	}

	/** Rule 4. */
	@Nested
	class OneRevision {

		@Test
		void waiterDeletedTogetherWithTheHolderIsNotGranted() throws Exception {
			others.acquire("a");
			CompletableFuture<LockHandle> waiter = askAndQueue();
			outsider.deleteAtOnce(inLine().stream().map(EtcdContents.Key::name).toList());
			isTrulyHeld(granted(waiter));
		}

	}

	/** Rule 5. */
	@Nested
	class OvertakenAnswers {

		/** Leaves the line with a live watch, as the wait before did. */
		private LockHandle heldByOthersAndWatched() throws Exception {
			LockHandle lock = others.acquire("a");
			CompletableFuture<LockHandle> waiter = askAndQueue();
			lock.close();
			granted(waiter).close();
			return others.acquire("a");
		}

		@Test
		void deletionThatOvertakesTheAnswerToATakeIsNotMissed() throws Exception {
			LockHandle lock = heldByOthersAndWatched();
			Fault fault = traffic.fault(Fault.Kind.HOLD_ANSWER, Traffic::isTake);
			CompletableFuture<LockHandle> waiter = ask();
			fault.awaitAnswer();
			lock.close();
			awaitEvents();
			fault.release();
			isTrulyHeld(granted(waiter));
		}

		@Test
		void ownDeletionThatOvertakesTheAnswerToATakeIsNotMissed() throws Exception {
			LockHandle lock = heldByOthersAndWatched();
			Fault fault = traffic.fault(Fault.Kind.HOLD_ANSWER, Traffic::isTake);
			CompletableFuture<LockHandle> waiter = ask();
			fault.awaitAnswer();
			managers.queued("a").forEach((key) -> outsider.delete(key.name()));
			awaitEvents();
			fault.release();
			isTrulyHeld(granted(waiter));
			lock.close();
		}

		@Test
		void deletionThatOvertakesTheAnswerToAReadIsNotMissed() throws Exception {
			LockHandle lock = others.acquire("a");
			CompletableFuture<LockHandle> waiter = askAndQueue();
			outsider.put(managers.prefix() + "-noise");
			Fault fault = traffic.fault(Fault.Kind.HOLD_ANSWER,
					(message) -> Traffic.isRead(message) && message.toString().contains(managers.line("a")));
			traffic.endWatchStream(Status.UNAVAILABLE);
			fault.awaitAnswer();
			lock.close();
			awaitEvents();
			fault.release();
			isTrulyHeld(granted(waiter));
		}

		/** Events have come by the time that a later one of another lock has. */
		private void awaitEvents() throws Exception {
			LockHandle marker = others.acquire("marker");
			CompletableFuture<LockHandle> waiter = locks.acquireAsync(LockRequest.of("marker"));
			await().until(() -> managers.queued("marker").size() == 2);
			marker.close();
			granted(waiter).close();
		}

		@Test
		void deletionThatTheWatchComesTooLateForIsNotMissed() throws Exception {
			LockHandle lock = others.acquire("a");
			traffic.watchEvents().shut();
			CompletableFuture<LockHandle> waiter = askAndQueue();
			await().until(() -> traffic.watchEvents().waiting() > 0);
			lock.close();
			traffic.watchEvents().open();
			isTrulyHeld(granted(waiter));
		}

		@Test
		void deletionBeforeTheWatchIsAskedForIsNotMissed() throws Exception {
			LockHandle lock = others.acquire("a");
			Fault fault = traffic.fault(Fault.Kind.HOLD_ANSWER, Traffic::isTake);
			CompletableFuture<LockHandle> waiter = ask();
			fault.awaitAnswer();
			lock.close();
			fault.release();
			isTrulyHeld(granted(waiter));
		}

	}

	/** Rule 6. */
	@Nested
	class SentDeletes {

		@Test
		void keyWhoseDeleteWasSentIsNotInherited() throws Exception {
			LockHandle lock = others.acquire("a");
			CompletableFuture<LockHandle> first = askAndQueue();
			Fault fault = traffic.fault(Fault.Kind.HOLD_REQUEST, Traffic::isRelease);
			EtcdContents.Key left = inLine().get(1);
			first.cancel(false);
			fault.awaitRequest(TxnRequest.class);
			CompletableFuture<LockHandle> second = ask();
			lock.close();
			await().during(Duration.ofMillis(200)).until(() -> !second.isDone());
			fault.release();
			assertThat(granted(second).revision()).isGreaterThan(left.createRevision());
			isTrulyHeld(granted(second));
		}

		@Test
		void keyThatStandsIsInheritedWithoutAWrite() throws Exception {
			LockHandle lock = others.acquire("a");
			CompletableFuture<LockHandle> first = askAndQueue();
			CompletableFuture<LockHandle> second = ask();
			long revision = outsider.revision();
			first.cancel(false);
			assertThat(outsider.revision()).isEqualTo(revision);
			assertThat(managers.queued("a")).hasSize(2);
			lock.close();
			isTrulyHeld(granted(second));
		}

		@Test
		void keyOfAnotherTtlIsNotInherited() throws Exception {
			LockHandle lock = others.acquire("a");
			CompletableFuture<LockHandle> first = askAndQueue();
			CompletableFuture<LockHandle> second = locks
				.acquireAsync(LockRequest.of("a").withTtl(Duration.ofSeconds(60)));
			long lease = inLine().get(1).lease();
			first.cancel(false);
			lock.close();
			LockHandle next = granted(second);
			isTrulyHeld(next);
			assertThat(managers.queued("a").get(0).lease()).isNotEqualTo(lease);
		}

	}

	/** Nothing grows with use. */
	@Nested
	class ForgottenLines {

		@Test
		void lineIsForgottenThoughItsLastReadIsAnsweredAfterTheLastWaiterHasLeft() throws Exception {
			LockHandle lock = others.acquire("a");
			CompletableFuture<LockHandle> waiter = askAndQueue();
			outsider.put(managers.prefix() + "-noise");
			Fault fault = traffic.fault(Fault.Kind.HOLD_ANSWER,
					(message) -> Traffic.isRead(message) && message.toString().contains(managers.line("a")));
			traffic.endWatchStream(Status.UNAVAILABLE);
			fault.awaitAnswer();
			waiter.cancel(false);
			await().until(() -> managers.queued("a").size() == 1);
			lock.close();
			fault.release();
			isUnwatchedWithTime();
		}

		@Test
		void watchOfALineNobodyUsesGoes() throws Exception {
			LockHandle lock = others.acquire("a");
			askAndQueue().cancel(false);
			lock.close();
			isUnwatchedWithTime();
		}

		private void isUnwatchedWithTime() {
			await().until(() -> {
				clock.leap(Duration.ofSeconds(2));
				return traffic.sent(WatchRequest.class).stream().anyMatch(WatchRequest::hasCancelRequest);
			});
			assertThat(managers.queued("a")).isEmpty();
		}

	}

	/** Rule 13. */
	@Nested
	class TwoTtls {

		@Test
		void handleIsAsValidAsItsOwnSession() throws Exception {
			LockHandle brief = locks.acquire(LockRequest.of("brief").withTtl(Duration.ofSeconds(20)));
			LockHandle lasting = locks.acquire("lasting");
			outsider.revoke(managers.queued("brief").get(0).lease());
			await().atMost(Duration.ofSeconds(5)).until(() -> !brief.isHeld());
			assertThat(lasting.isHeld()).isTrue();
		}

		@Test
		void handleOfALostSessionStaysLostBesideItsSuccessor() throws Exception {
			LockHandle lock = granted(ask());
			outsider.revoke(managers.queued("a").get(0).lease());
			await().atMost(Duration.ofSeconds(5)).until(() -> !lock.isHeld());
			LockHandle next = granted(ask());
			assertThat(next.isHeld()).isTrue();
			assertThat(lock.isHeld()).isFalse();
			lock.close();
			isTrulyHeld(next);
		}

		@Test
		void waitersOfDifferentTtlsKeepTheirOrder() throws Exception {
			LockHandle lock = granted(ask());
			List<Integer> order = new CopyOnWriteArrayList<>();
			CompletableFuture<?>[] waiters = new CompletableFuture<?>[6];
			for (int i = 0; i < waiters.length; i++) {
				int number = i;
				LockRequest request = LockRequest.of("a").withTtl(Duration.ofSeconds((i % 2 == 0) ? 20 : 40));
				waiters[i] = locks.acquireAsync(request).thenCompose((mine) -> {
					order.add(number);
					return mine.closeAsync();
				});
			}
			lock.close();
			CompletableFuture.allOf(waiters).get(5, TimeUnit.SECONDS);
			assertThat(order).containsExactly(0, 1, 2, 3, 4, 5);
		}

	}

	/** Rule 14. */
	@Nested
	class LongHolds {

		@Test
		void longHeldKeyDeletedOutsideIsNoticedSoon() throws Exception {
			LockHandle lock = granted(ask());
			await().until(() -> traffic.watches().size() == 1);
			assertThat(lock.heldFor()).isGreaterThan(Duration.ofMillis(500));
			assertThat(traffic.watches()).extracting(WatchCreateRequest::getStartRevision)
				.containsExactly(lock.revision() + 1);
			outsider.delete(lock.ownershipKeys().get(0));
			await().atMost(Duration.ofSeconds(5)).until(() -> !lock.isHeld());
		}

		@Test
		void keyDeletedBeforeItsWatchBeginsIsNoticedAllTheSame() throws Exception {
			clock.stand();
			LockHandle lock = granted(ask());
			outsider.delete(lock.ownershipKeys().get(0));
			assertThat(traffic.watches()).isEmpty();
			clock.leap(Duration.ofSeconds(1));
			await().atMost(Duration.ofSeconds(5)).until(() -> !lock.isHeld());
		}

		@Test
		void keyDeletedAndCompactedBeforeItsWatchBeginsIsNoticedAllTheSame() throws Exception {
			clock.stand();
			LockHandle lock = granted(ask());
			outsider.delete(lock.ownershipKeys().get(0));
			outsider.compact();
			clock.leap(Duration.ofSeconds(1));
			await().atMost(Duration.ofSeconds(5)).until(() -> !lock.isHeld());
		}

		@Test
		void keyDeletedWhileTheWatchStreamIsDownIsNoticedAllTheSame() throws Exception {
			LockHandle lock = granted(ask());
			await().until(() -> traffic.watches().size() == 1);
			traffic.deafenWatchStream();
			outsider.delete(lock.ownershipKeys().get(0));
			traffic.endWatchStream(Status.UNKNOWN);
			await().atMost(Duration.ofSeconds(5)).until(() -> !lock.isHeld());
		}

		@Test
		void shortHoldsAreNotWatched() throws Exception {
			clock.stand();
			for (int i = 0; i < 10; i++) {
				granted(ask()).close();
			}
			clock.leap(Duration.ofSeconds(1));
			await().during(Duration.ofMillis(300)).until(() -> traffic.watches().isEmpty());
		}

	}

	/** Rule 16. */
	@Nested
	class Revocations {

		@Test
		void requestMeetsTheHolderItNames() throws Exception {
			LockHandle lock = granted(ask());
			List<String> asked = new CopyOnWriteArrayList<>();
			lock.onRevocationRequested(() -> asked.add("asked"));
			assertThat(manager.requestRevocation(lock.ownershipKeys().get(0), lock.revision()).get()).isTrue();
			await().atMost(Duration.ofSeconds(5)).until(() -> asked.size() == 1);
			assertThat(lock.isHeld()).isTrue();
			assertThat(etcd.cluster().contents().under(managers.prefix() + "/.sessions/"))
				.allMatch((key) -> key.lease() != 0);
		}

		@Test
		void requestsThatAreReadTogetherMeetTheirHoldersEach() throws Exception {
			List<LockHandle> held = List.of(granted(ask()), locks.acquire("b"));
			List<String> asked = new CopyOnWriteArrayList<>();
			held.forEach((lock) -> lock.onRevocationRequested(() -> asked.addAll(lock.keys())));
			traffic.deafenWatchStream();
			for (LockHandle lock : held) {
				assertThat(manager.requestRevocation(lock.ownershipKeys().get(0), lock.revision()).get()).isTrue();
			}
			traffic.endWatchStream(Status.UNAVAILABLE);
			await().untilAsserted(() -> assertThat(asked).containsExactlyInAnyOrder("a", "b"));
		}

		@Test
		void requestForAFormerHolderMeetsNobody() throws Exception {
			LockHandle former = granted(ask());
			former.close();
			LockHandle lock = granted(ask());
			List<String> asked = new CopyOnWriteArrayList<>();
			lock.onRevocationRequested(() -> asked.add("asked"));
			String key = lock.ownershipKeys().get(0);
			assertThat(manager.requestRevocation(former.ownershipKeys().get(0), former.revision()).get()).isFalse();
			assertThat(manager.requestRevocation(key, former.revision()).get()).isFalse();
			assertThat(manager.forceRelease(former.ownershipKeys().get(0), former.revision()).get()).isFalse();
			assertThat(manager.forceRelease(key, former.revision()).get()).isFalse();
			await().during(Duration.ofMillis(200)).until(asked::isEmpty);
			isTrulyHeld(lock);
		}

		@Test
		void forcedReleaseWhoseAnswerIsLostIsNotSaidToHaveMetNobody() throws Exception {
			LockHandle lock = others.acquire("a");
			traffic.fault(Fault.Kind.LOSE_ANSWER, Traffic::isRelease);
			assertThat(manager.forceRelease(lock.ownershipKeys().get(0), lock.revision()))
				.failsWithin(Duration.ofSeconds(10))
				.withThrowableOfType(ExecutionException.class)
				.withCauseInstanceOf(LockUnavailableException.class)
				.withMessageContaining("Nobody knows whether");
			await().atMost(Duration.ofSeconds(5)).until(() -> !lock.isHeld());
		}

		@Test
		void forcedReleaseIsALossForTheHolder() throws Exception {
			LockHandle lock = others.acquire("a");
			CompletableFuture<LockHandle> waiter = askAndQueue();
			assertThat(manager.forceRelease(lock.ownershipKeys().get(0), lock.revision()).get()).isTrue();
			isTrulyHeld(granted(waiter));
			await().atMost(Duration.ofSeconds(5)).until(() -> !lock.isHeld());
		}

	}

	/** Rule 19. */
	@Nested
	class LeaseSessions {

		@Test
		void leaseThatAlreadyExistsIsRenewedBeforeUse() throws Exception {
			Fault fault = traffic.fault(Fault.Kind.LOSE_ANSWER, LeaseGrantRequest.class::isInstance);
			LockHandle lock = locks.acquire(LockRequest.of("a").withTtl(Duration.ofSeconds(20)));
			long lease = fault.awaitRequest(LeaseGrantRequest.class).getID();
			assertThat(managers.queued("a").get(0).lease()).isEqualTo(lease);
			assertThat(traffic.sent(LeaseKeepAliveRequest.class)).extracting(LeaseKeepAliveRequest::getID)
				.containsOnly(lease);
			assertThat(lock.isHeld()).isTrue();
		}

		@Test
		void grantThatCommitsLateIsNoSecondLease() throws Exception {
			Fault fault = traffic.fault(Fault.Kind.LOSE_REQUEST, LeaseGrantRequest.class::isInstance);
			locks.acquire(LockRequest.of("a").withTtl(Duration.ofSeconds(20)));
			assertThat(managers.queued("a").get(0).lease())
				.isEqualTo(fault.awaitRequest(LeaseGrantRequest.class).getID());
		}

		@Test
		void suspendedMachineHoldsNothingUntilRenewed() throws Exception {
			LockHandle lock = granted(ask());
			traffic.renewals().shut();
			clock.sleepMachine(Duration.ofMinutes(10));
			assertThat(lock.isHeld()).isFalse();
			await().until(() -> traffic.renewals().waiting() > 0);
			assertThat(lock.isHeld()).isFalse();
			traffic.renewals().open();
			await().atMost(Duration.ofSeconds(5)).until(lock::isHeld);
		}

		@Test
		void smallStepOfTheWallClockChangesNothing() throws Exception {
			LockHandle lock = granted(ask());
			clock.sleepMachine(Duration.ofMillis(300));
			assertThat(lock.isHeld()).isTrue();
			clock.sleepMachine(Duration.ofHours(-5));
			assertThat(lock.isHeld()).isTrue();
		}

		@Test
		void pausedProcessHoldsNothingAtItsFirstCall() throws Exception {
			LockHandle lock = granted(ask());
			clock.leap(Duration.ofSeconds(20));
			assertThat(lock.isHeld()).isTrue();
			clock.leap(Duration.ofSeconds(10));
			assertThat(lock.isHeld()).isFalse();
		}

		@Test
		void sessionKeyDeletedOutsideIsALoss() throws Exception {
			LockHandle lock = granted(ask());
			List<String> lost = new CopyOnWriteArrayList<>();
			lock.onLost(() -> lost.add("lost"));
			outsider.delete(sessionKey());
			await().atMost(Duration.ofSeconds(5)).until(() -> lost.size() == 1);
			assertThat(lock.isHeld()).isFalse();
			awaitNobodyInLine();
		}

		@Test
		void leaseRevokedOutsideIsALoss() throws Exception {
			LockHandle lock = granted(ask());
			CompletableFuture<LockHandle> waiter = ask();
			outsider.revoke(managers.queued("a").get(0).lease());
			await().atMost(Duration.ofSeconds(5)).until(() -> !lock.isHeld());
			isTrulyHeld(granted(waiter));
		}

		@Test
		void leaseRevokedWhileTheWatchStreamIsDownIsALoss() throws Exception {
			LockHandle lock = granted(ask());
			traffic.deafenWatchStream();
			outsider.revoke(managers.queued("a").get(0).lease());
			traffic.endWatchStream(Status.UNKNOWN);
			await().atMost(Duration.ofSeconds(5)).until(() -> !lock.isHeld());
		}

		private String sessionKey() {
			long lease = managers.queued("a").get(0).lease();
			return managers.prefix() + "/.sessions/" + Long.toHexString(lease) + "/alive";
		}

	}

}
