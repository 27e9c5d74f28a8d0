package io.github.etcdlock.chaos;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.chaos.Event.Kind;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Histories with times in milliseconds: one that is as it should be, and bad ones. */
class CheckerTests {

	private static final int HIGH = 4096;

	private final History history = new History();

	@BeforeEach
	void quietBefore() {
		this.history.ready(0);
	}

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
		assertFlagged(Invariant.ONE_PROVEN_HOLDER);
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
	void lossWithoutAFaultIsFlagged() {
		strike(Fault.FREEZE_LINK_BRIEFLY, "w1", 1500, 2500);
		ask("w1.1/a", 1000);
		tell(Kind.ACQUIRED, "w1.1/a", 1, 1010, true);
		tell(Kind.LOST, "w1.1/a", 1, 2400, false);
		assertFlagged(Invariant.NO_FALSE_LOSS);
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
		assertFlagged(Invariant.ONE_PROVEN_HOLDER);
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

	private void strike(Fault fault, String victim, long from, long to) {
		this.history.add(new Strike(fault, victim, nanos(from), nanos(to)));
	}

	private static long nanos(long millis) {
		return TimeUnit.MILLISECONDS.toNanos(millis);
	}

	private Verdict check() {
		return new Checker(this.history, Duration.ofSeconds(3)).check();
	}

	private void assertFlagged(Invariant invariant) {
		assertThat(check().violated()).containsExactly(invariant);
	}

}
