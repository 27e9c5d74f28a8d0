package io.github.etcdlock.chaos;

import java.util.List;

import io.github.etcdlock.chaos.Event.Kind;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Histories with times in milliseconds: one that is as it should be, and bad ones. */
class CheckerTests extends WrittenHistory {

	@Test
	void goodHistoryPasses() {
		turn("w1.1/a", 1, 1000, 1010, 1500);
		turn("w2.1/a", 2, 1200, 1510, 2000);
		strike(Fault.FREEZE_LINK, "w3", 2000, 6000);
		ask("w3.1/a", 1900);
		tell(Kind.ACQUIRED, "w3.1/a", 3, 2010, true);
		tell(Kind.SEEN, "w3.1/a", 3, 4800, true);
		tell(Kind.LOST, "w3.1/a", 3, 4900, false);
		turn("w1.1/a", 4, 2500, 5200, 6000);
		tell(Kind.REFUSED, "w3.1/a", 3, 6100, false);
		tell(Kind.SEEN, "w3.1/a", 3, 6101, false);
		assertThat(check().violated()).isEmpty();
		assertThat(check().checked(Invariant.LOSS_IS_REPORTED_IN_TIME)).isOne();
		assertThat(check().checked(Invariant.REFUSED_MEANS_NOT_HELD)).isOne();
	}

	@Test
	void faultThatAHolderSurvivesIsNotItsEnd() {
		strike(Fault.FREEZE_LINK_TO_ONE_MEMBER, "w1", 1000, 2000);
		turn("w1.1/a", 1, 900, 1500, 7000);
		turn("w2.1/a", 2, 1000, 7010, 7100);
		assertThat(check().violated()).isEmpty();
	}

	@Test
	void holderThatHasBegunToReleaseMayHearOfALossLater() {
		strike(Fault.FREEZE_LINK, "w1", 1000, 6000);
		ask("w1.1/a", 900);
		tell(Kind.ACQUIRED, "w1.1/a", 1, 950, true);
		tell(Kind.RELEASING, "w1.1/a", 1, 3900, false);
		turn("w2.1/a", 2, 900, 4300, 4400);
		tell(Kind.LOST, "w1.1/a", 1, 4900, false);
		assertThat(check().violated()).isEmpty();
	}

	@Test
	void acceptedTokenThatFallsIsFlagged() {
		tell(Kind.ACCEPTED, "w1.1/a", 7, 1000, false);
		tell(Kind.ACCEPTED, "w2.1/a", 5, 1001, false);
		assertFlagged(Invariant.ACCEPTED_TOKENS_NEVER_FALL);
	}

	@Test
	void tokenThatComesTwiceIsFlagged() {
		turn("w1.1/a", 1, 1000, 1010, 1020);
		turn("w2.1/a", 1, 1000, 1030, 1040);
		assertFlagged(Invariant.TOKENS_ARE_UNIQUE);
	}

	@Test
	void laterHolderWithALowerTokenIsFlagged() {
		turn("w1.1/a", 9, 1000, 1010, 1020);
		turn("w2.1/a", 8, 2000, 2010, 2020);
		assertThat(check().violated()).contains(Invariant.TOKENS_RISE);
	}

	@Test
	void twoProvenHoldersAreFlagged() {
		turn("w1.1/a", 1, 1000, 1010, 3000);
		turn("w2.1/a", 2, 1000, 2900, 3100);
		assertThat(check().violated()).contains(Invariant.ONE_PROVEN_HOLDER);
	}

	@Test
	void refusedHolderThatBelievesToHoldIsFlagged() {
		tell(Kind.REFUSED, "w1.1/a", 1, 1000, false);
		tell(Kind.SEEN, "w1.1/a", 1, 1001, true);
		assertFlagged(Invariant.REFUSED_MEANS_NOT_HELD);
	}

	@Test
	void lostReleaseIsFlagged() {
		turn("w1.1/a", 1, 1000, 1010, 3000);
		turn("w2.1/a", 2, 1000, 4500, 4600);
		assertFlagged(Invariant.NO_LOST_RELEASE);
	}

	@Test
	void deadHoldersLockThatStaysIsFlagged() {
		ask("w1.1/a", 1000);
		tell(Kind.ACQUIRED, "w1.1/a", 1, 1010, true);
		strike(Fault.KILL_WORKER, "w1", 1500, 2500);
		turn("w2.1/a", 2, 1000, 5600, 5700);
		assertFlagged(Invariant.STUCK_BOUND);
	}

	/** Found by the run on 3.4.23 with seed 3423. */
	@Test
	void waiterThatIsCutOffBehindADeadHolderHasATimeOfItsOwn() {
		deadHolderAndFrozenWaiter(1100);
		turn("w3.1/a", 2, 1200, 6900, 7000);
		assertThat(check().violated()).isEmpty();
	}

	@Test
	void waiterThatIsCutOffBlocksForOneTimeOfItsOwnOnly() {
		deadHolderAndFrozenWaiter(1100);
		turn("w3.1/a", 2, 1200, 9600, 9700);
		assertFlagged(Invariant.STUCK_BOUND);
	}

	@Test
	void waiterThatCameLaterBlocksNobody() {
		deadHolderAndFrozenWaiter(4500);
		turn("w3.1/a", 2, 1200, 6900, 7000);
		assertFlagged(Invariant.STUCK_BOUND);
	}

	@Test
	void formerLifeOfAKilledWorkerBlocksNobody() {
		ask("w2.1/a", 1100);
		ask("w2.2/b", 1150);
		strike(Fault.FREEZE_ANSWERS, "w2", 4000, 8000);
		ask("w1.1/a", 1000);
		tell(Kind.ACQUIRED, "w1.1/a", 1, 1010, true);
		strike(Fault.KILL_WORKER, "w1", 1500, 2500);
		tell(Kind.GAVE_UP, "w2.2/b", 0, 1160, false);
		turn("w3.1/a", 2, 1200, 6900, 7000);
		assertFlagged(Invariant.STUCK_BOUND);
	}

	/** Found by a run on 3.5.30 with seed 3530. */
	@Test
	void waiterForSeveralKeysMayWaitForTheOneOfAPausedWorker() {
		pausedHolderOfAnotherKey("part-1");
		assertThat(check().violated()).isEmpty();
	}

	@Test
	void pausedHolderOfWhatNobodyWaitsForTogetherBlocksNobody() {
		pausedHolderOfAnotherKey("a");
		assertFlagged(Invariant.STUCK_BOUND);
	}

	/** The second key of the waiter is free for 4.5 seconds. */
	private void pausedHolderOfAnotherKey(String other) {
		tell(Kind.ASKED, "w1.1/a", other, 1100);
		strike(Fault.PAUSE_WORKER, "w1", 2100, 7000);
		tell(Kind.ACQUIRED, "w1.1/a", other, 2200);
		tell(Kind.ASKED, "w2.1/a", "part-2", 1000);
		tell(Kind.ACQUIRED, "w2.1/a", "part-2", 5500);
	}

	private void tell(Kind kind, String client, String key, long millis) {
		long token = (kind == Kind.ACQUIRED) ? millis * HIGH : 0;
		this.history.add(new Event(kind, client, key, token, nanos(millis), kind == Kind.ACQUIRED, false));
	}

	private void deadHolderAndFrozenWaiter(long asked) {
		ask("w1.1/a", 1000);
		tell(Kind.ACQUIRED, "w1.1/a", 1, 1010, true);
		strike(Fault.KILL_WORKER, "w1", 1500, 2500);
		ask("w2.1/a", asked);
		strike(Fault.FREEZE_ANSWERS, "w2", 4000, 8000);
		tell(Kind.FAILED, "w2.1/a", 0, 9900, false);
	}

	@Test
	void keyThatNobodyGetsAgainIsFlagged() {
		turn("w1.1/a", 1, 1000, 1010, 3000);
		ask("w2.1/a", 2900);
		tell(Kind.GAVE_UP, "w2.1/a", 0, 17900, false);
		assertThat(check().violated()).containsExactlyInAnyOrder(Invariant.NO_LOST_RELEASE, Invariant.STUCK_BOUND);
	}

	@Test
	void keyThatNobodyEverGetsIsFlagged() {
		ask("w2.1/a", 1000);
		tell(Kind.FAILED, "w3.1/a", 0, 5100, false);
		assertFlagged(Invariant.STUCK_BOUND);
	}

	@Test
	void keyThatManyWaitForInVainOneAfterTheOtherIsFlagged() {
		ask("w1.1/a", 1000);
		tell(Kind.ACQUIRED, "w1.1/a", 1, 1010, true);
		for (int i = 0; i < 6; i++) {
			ask("w2.1/a", 2000 + i * 1000);
			tell(Kind.GAVE_UP, "w2.1/a", 0, 2900 + i * 1000, false);
		}
		turn("w3.1/a", 2, 8000, 8001, 8100);
		assertFlagged(Invariant.STUCK_BOUND);
	}

	@Test
	void faultsThatComeLaterDoNotExcuseAKeyThatIsStuck() {
		turn("w1.1/a", 1, 1000, 1010, 3000);
		ask("w2.1/a", 3100);
		strike(Fault.RESTART_LEADER, Fault.ETCD, 7200, 7700);
		tell(Kind.GAVE_UP, "w2.1/a", 0, 8000, false);
		assertFlagged(Invariant.STUCK_BOUND);
	}

	@Test
	void faultOfEtcdThatIsNoneOfTheLeaderGivesNoTime() {
		ask("w1.1/a", 1000);
		tell(Kind.ACQUIRED, "w1.1/a", 1, 1010, true);
		strike(Fault.KILL_WORKER, "w1", 1500, 2500);
		strike(Fault.PAUSE_FOLLOWER, Fault.ETCD, 2600, 7000);
		turn("w2.1/a", 2, 1000, 5600, 5700);
		assertFlagged(Invariant.STUCK_BOUND);
	}

	@Test
	void changeOfLeaderGivesTime() {
		deadHolderAndPausedLeader(10_900);
		assertThat(check().violated()).isEmpty();
	}

	@Test
	void changeOfLeaderGivesTimeOnceOnly() {
		deadHolderAndPausedLeader(11_100);
		assertFlagged(Invariant.STUCK_BOUND);
	}

	private void deadHolderAndPausedLeader(long acquired) {
		ask("w1.1/a", 900);
		tell(Kind.ACQUIRED, "w1.1/a", 1, 1000, true);
		strike(Fault.KILL_WORKER, "w1", 1500, 2500);
		strike(Fault.PAUSE_LEADER, Fault.ETCD, 2600, 7800);
		turn("w2.1/a", 2, 1000, acquired, acquired + 100);
	}

	@Test
	void changeOfLeaderThatNobodyMadeGivesTimeToo() {
		deadHolderAndElection(10_900);
		assertThat(check().violated()).isEmpty();
	}

	@Test
	void changeOfLeaderThatNobodyMadeGivesTimeOnceOnly() {
		deadHolderAndElection(11_100);
		assertFlagged(Invariant.STUCK_BOUND);
	}

	@Test
	void changeOfLeaderThatIsNoticedWhereOneWasMadeGivesNoMoreTime() {
		deadHolderAndPausedLeader(11_100);
		stall(2500, 3300);
		election(2500, 3300);
		assertFlagged(Invariant.STUCK_BOUND);
	}

	private void deadHolderAndElection(long acquired) {
		ask("w1.1/a", 900);
		tell(Kind.ACQUIRED, "w1.1/a", 1, 1000, true);
		strike(Fault.KILL_WORKER, "w1", 1500, 2500);
		election(4000, 4300);
		turn("w2.1/a", 2, 1000, acquired, acquired + 100);
	}

	@Test
	void stallKeepsALeaseForAsLong() {
		deadHolderAndStall(5400);
		assertThat(check().violated()).isEmpty();
	}

	@Test
	void stallKeepsALeaseForNoLonger() {
		deadHolderAndStall(5600);
		assertFlagged(Invariant.STUCK_BOUND);
	}

	private void deadHolderAndStall(long acquired) {
		ask("w1.1/a", 900);
		tell(Kind.ACQUIRED, "w1.1/a", 1, 1000, true);
		strike(Fault.KILL_WORKER, "w1", 1500, 2500);
		stall(3000, 3500);
		turn("w2.1/a", 2, 1000, acquired, acquired + 100);
	}

	@Test
	void stallMayKeepALockFromAWaiter() {
		turn("w1.1/a", 1, 1000, 1010, 3000);
		turn("w2.1/a", 2, 1000, 4500, 4600);
		stall(3100, 3600);
		assertThat(check().violated()).isEmpty();
		assertThat(this.history.strikes()).isEmpty();
	}

	@Test
	void stallThatComesLaterKeepsNoLockFromAWaiter() {
		turn("w1.1/a", 1, 1000, 1010, 3000);
		turn("w2.1/a", 2, 1000, 4500, 4600);
		stall(4100, 4450);
		assertFlagged(Invariant.NO_LOST_RELEASE);
	}

	@Test
	void stallExcusesNoTwoHolders() {
		turn("w1.1/a", 1, 1000, 1010, 3000);
		turn("w2.1/a", 2, 1000, 2900, 3100);
		stall(1500, 3500);
		election(1500, 3500);
		assertThat(check().violated()).contains(Invariant.ONE_PROVEN_HOLDER);
	}

	@Test
	void stallOfMoreThanHalfATtlMayCostALock() {
		lossIn(1600);
		assertThat(check().violated()).isEmpty();
	}

	@Test
	void stallOfLessCostsNoLock() {
		lossIn(1400);
		assertFlagged(Invariant.NO_FALSE_LOSS);
	}

	private void lossIn(long stalled) {
		election(1500, 1500 + stalled);
		stall(1500, 1500 + stalled);
		ask("w1.1/a", 1000);
		tell(Kind.ACQUIRED, "w1.1/a", 1, 1010, true);
		tell(Kind.LOST, "w1.1/a", 1, 1500 + stalled, false);
	}

	@Test
	void restartOfEtcdMayCostALock() {
		lossAfterRestart(1600);
		assertThat(check().violated()).isEmpty();
	}

	@Test
	void briefRestartOfEtcdCostsNoLock() {
		lossAfterRestart(1400);
		assertFlagged(Invariant.NO_FALSE_LOSS);
	}

	private void lossAfterRestart(long time) {
		strike(Fault.RESTART_CLUSTER, Fault.ETCD, 1500, 1500 + time);
		ask("w1.1/a", 1000);
		tell(Kind.ACQUIRED, "w1.1/a", 1, 1010, true);
		tell(Kind.LOST, "w1.1/a", 1, 3500, false);
	}

	@Test
	void holderThatIsStalledHearsOfALossWithinASecondAfter() {
		pausedUntil(5500, 7400);
		stall(6000, 6500);
		assertThat(check().violated()).isEmpty();
	}

	@Test
	void holderThatIsStalledAndHearsOfALossLaterIsFlagged() {
		pausedUntil(5500, 7600);
		stall(6000, 6500);
		assertFlagged(Invariant.LOSS_IS_REPORTED_IN_TIME);
	}

	@Test
	void lossThatIsReportedLateIsFlagged() {
		strike(Fault.FREEZE_LINK, "w1", 1500, 5500);
		ask("w1.1/a", 1000);
		tell(Kind.ACQUIRED, "w1.1/a", 1, 1010, true);
		turn("w2.1/a", 2, 1000, 5000, 5100);
		tell(Kind.LOST, "w1.1/a", 1, 5001, false);
		assertFlagged(Invariant.LOSS_IS_REPORTED_IN_TIME);
	}

	@Test
	void lossThatIsNeverReportedIsFlagged() {
		strike(Fault.FREEZE_LINK, "w1", 1500, 5500);
		ask("w1.1/a", 1000);
		tell(Kind.ACQUIRED, "w1.1/a", 1, 1010, true);
		turn("w2.1/a", 2, 1000, 5000, 6100);
		tell(Kind.SEEN, "w1.1/a", 1, 5020, false);
		tell(Kind.RELEASING, "w1.1/a", 1, 5500, false);
		assertFlagged(Invariant.LOSS_IS_REPORTED_IN_TIME);
	}

	@Test
	void lossThatIsReportedOnlyAfterARefusalIsFlagged() {
		strike(Fault.DELETE_KEY, "k", 1500, 1510);
		ask("w1.1/a", 1000);
		tell(Kind.ACQUIRED, "w1.1/a", 1, 1010, true);
		turn("w2.1/a", 2, 1000, 1505, 3000);
		tell(Kind.REFUSED, "w1.1/a", 1, 1510, false);
		tell(Kind.SEEN, "w1.1/a", 1, 1511, false);
		tell(Kind.LOST, "w1.1/a", 1, 2506, false);
		tell(Kind.RELEASING, "w1.1/a", 1, 2507, false);
		assertThat(check().violations(Invariant.LOSS_IS_REPORTED_IN_TIME)).hasSize(1);
	}

	@Test
	void holderThatWasPausedHearsOfALossWithinASecond() {
		pausedUntil(5500, 6400);
		assertThat(check().violated()).isEmpty();
		assertThat(check().checked(Invariant.LOSS_IS_REPORTED_IN_TIME)).isOne();
	}

	@Test
	void holderThatWasPausedAndHearsOfALossLaterIsFlagged() {
		pausedUntil(5500, 6600);
		assertFlagged(Invariant.LOSS_IS_REPORTED_IN_TIME);
	}

	private void pausedUntil(long resumed, long told) {
		strike(Fault.PAUSE_WORKER, "w1", 1500, resumed);
		ask("w1.1/a", 1000);
		tell(Kind.ACQUIRED, "w1.1/a", 1, 1010, true);
		turn("w2.1/a", 2, 1000, 4600, 7000);
		tell(Kind.SEEN, "w1.1/a", 1, resumed + 1, false);
		tell(Kind.LOST, "w1.1/a", 1, told, false);
		tell(Kind.RELEASING, "w1.1/a", 1, told + 1, false);
	}

	@Test
	void deletionOfAnotherKeyExcusesNothing() {
		strike(Fault.DELETE_KEY, "other", 2000, 2010);
		turn("w1.1/a", 1, 1000, 1010, 3000);
		turn("w2.1/a", 2, 1000, 2100, 3100);
		assertThat(check().violated()).contains(Invariant.ONE_PROVEN_HOLDER);
	}

	@Test
	void leaseOfAnotherWorkerExcusesNothing() {
		strike(Fault.REVOKE_LEASE, "w3", 2000, 2010);
		ask("w1.1/a", 1000);
		tell(Kind.ACQUIRED, "w1.1/a", 1, 1010, true);
		tell(Kind.LOST, "w1.1/a", 1, 2100, false);
		assertFlagged(Invariant.NO_FALSE_LOSS);
	}

	@Test
	void deletionOfAKeyExcusesItsHolderForASecond() {
		strike(Fault.DELETE_KEY, "k", 2000, 2010);
		ask("w1.1/a", 1000);
		tell(Kind.ACQUIRED, "w1.1/a", 1, 1010, true);
		turn("w2.1/a", 2, 1000, 2005, 6000);
		tell(Kind.SEEN, "w1.1/a", 1, 2900, true);
		tell(Kind.LOST, "w1.1/a", 1, 2950, false);
		assertThat(check().violated()).isEmpty();
		tell(Kind.SEEN, "w1.1/a", 1, 3100, true);
		assertFlagged(Invariant.ONE_PROVEN_HOLDER);
	}

	@Test
	void lossWithoutAFaultIsFlagged() {
		strike(Fault.FREEZE_LINK_BRIEFLY, "w1", 1500, 2500);
		ask("w1.1/a", 1000);
		tell(Kind.ACQUIRED, "w1.1/a", 1, 1010, true);
		tell(Kind.LOST, "w1.1/a", 1, 2400, false);
		assertFlagged(Invariant.NO_FALSE_LOSS);
	}

	@Test
	void whoeverStarvesWhileOthersStartIsNoFault() {
		this.history.ready(nanos(9000));
		ask("w1.1/a", 1000);
		tell(Kind.ACQUIRED, "w1.1/a", 1, 1010, true);
		tell(Kind.LOST, "w1.1/a", 1, 2400, false);
		turn("w2.1/a", 2, 1000, 8000, 8100);
		assertThat(check().violated()).isEmpty();
	}

	@Test
	void overtakenWaiterIsFlagged() {
		turn("w1.1/a", 1, 1000, 1010, 5000);
		turn("w2.1/a", 2, 4000, 5010, 5500);
		turn("w3.1/a", 3, 2000, 5510, 5600);
		assertFlagged(Invariant.NO_OVERTAKING);
	}

	@Test
	void workerThatDoesNotRecoverIsFlagged() {
		this.history.add(new History.Recovery("w1", Turn.NEVER));
		assertFlagged(Invariant.RECOVERY);
	}

	@Test
	void booksThatAreWrongAreFlagged() {
		tell(Kind.BALANCED, "w1.1/a", 0, 1000, false);
		assertThat(check().violated()).isEmpty();
		assertThat(check().checked(Invariant.BOOKS_ARE_RIGHT)).isOne();
		tell(Kind.UNBALANCED, "w1.1/a", 0, 1001, false);
		assertFlagged(Invariant.BOOKS_ARE_RIGHT);
	}

	@Test
	void updateThatIsLostIsFlagged() {
		this.history.found(List.of(entry("x", 1), entry("y", 2)));
		assertThat(check().violated()).isEmpty();
		assertThat(check().checked(Invariant.NO_UPDATE_IS_LOST)).isEqualTo(2);
		this.history.found(List.of(entry("x", 1), entry("y", 1)));
		assertFlagged(Invariant.NO_UPDATE_IS_LOST);
	}

	@Test
	void entryThatIsGoneIsFlagged() {
		this.history.found(List.of(entry("x", 1)));
		write(Kind.WRITTEN, "x");
		write(Kind.STALE, "z");
		assertThat(check().violated()).isEmpty();
		assertThat(check().checked(Invariant.WRITES_ARE_AS_TOLD)).isEqualTo(2);
		write(Kind.WRITTEN, "y");
		assertFlagged(Invariant.WRITES_ARE_AS_TOLD);
	}

	@Test
	void refusedEntryThatIsThereIsFlagged() {
		this.history.found(List.of(entry("x", 1)));
		write(Kind.STALE, "x");
		assertFlagged(Invariant.WRITES_ARE_AS_TOLD);
	}

	private static History.Entry entry(String id, int number) {
		return new History.Entry("l", id, number);
	}

	private void write(Kind kind, String id) {
		this.history.add(new Event(kind, "w1.1/a", "l/" + id, 0, nanos(1000), false, false));
	}

	@Test
	void whatIsLeftIsFlagged() {
		this.history.leftover("key /chaos/hot/1-1");
		assertFlagged(Invariant.NOTHING_IS_LEFT);
	}

	@Test
	void writerAmongReadersIsFlagged() {
		this.history.add(new Event(Kind.ACQUIRED, "w1.1/a", "k", HIGH, nanos(1000), true, true));
		this.history.add(new Event(Kind.ACQUIRED, "w2.1/a", "k", HIGH, nanos(1001), true, true));
		this.history.add(new Event(Kind.SEEN, "w1.1/a", "k", HIGH, nanos(3000), true, true));
		assertThat(check().violated()).isEmpty();
		turn("w3.1/a", 2, 1002, 2000, 2100);
		assertThat(check().violated()).contains(Invariant.ONE_PROVEN_HOLDER);
	}

	@Test
	void scheduleThatIsKeptPasses() {
		run("w1.1/a", 1, 1, 4100);
		run("w2.1/a", 2, 2, 8100);
		strike(Fault.KILL_WORKER, "w2", 9000, 10000);
		run("w1.1/a", 4, 4, 16100);
		assertThat(check().violated()).isEmpty();
		assertThat(check().checked(Invariant.NO_TICK_IS_SKIPPED)).isEqualTo(2);
	}

	@Test
	void minimumTimeThatIsCutShortIsFlagged() {
		run("w1.1/a", 1, 1, 4000);
		run("w2.1/a", 2, 2, 5000);
		assertFlagged(Invariant.MINIMUM_IS_KEPT);
	}

	@Test
	void tickThatRunsTwiceIsFlagged() {
		run("w1.1/a", 1, 1, 4000);
		run("w2.1/a", 2, 1, 6000);
		assertFlagged(Invariant.ONE_RUN_A_TICK);
	}

	@Test
	void tickThatIsSkippedIsFlagged() {
		run("w1.1/a", 1, 1, 4100);
		strike(Fault.KILL_WORKER, "w2", 5000, 6000);
		run("w1.1/a", 2, 3, 12100);
		assertFlagged(Invariant.NO_TICK_IS_SKIPPED);
	}

	@Test
	void tickMayBeSkippedInAStall() {
		run("w1.1/a", 1, 1, 4100);
		stall(7900, 8300);
		run("w1.1/a", 2, 3, 12100);
		assertThat(check().violated()).isEmpty();
	}

	private void run(String client, long turn, long tick, long millis) {
		this.history.add(new Event(Kind.ASKED, client, ScheduledRuns.KEY, 0, nanos(millis - 1), false, false));
		this.history.add(new Event(Kind.ACQUIRED, client, ScheduledRuns.KEY, turn * HIGH, nanos(millis), true, false));
		this.history.add(new Event(Kind.RAN, client, ScheduledRuns.run(tick), turn * HIGH, nanos(millis), true, false));
	}

	private void turn(String client, long turn, long asked, long acquired, long until) {
		ask(client, asked);
		tell(Kind.ACQUIRED, client, turn, acquired, true);
		tell(Kind.ACCEPTED, client, turn, acquired, false);
		tell(Kind.RELEASING, client, turn, until, true);
		tell(Kind.RELEASED, client, turn, until + 2, false);
	}

	private void ask(String client, long millis) {
		this.history.add(new Event(Kind.ASKED, client, "k", 0, nanos(millis), false, false));
	}

	private void tell(Kind kind, String client, long turn, long millis, boolean proven) {
		this.history.add(new Event(kind, client, "k", turn * HIGH, nanos(millis), proven, false));
	}

}
