package io.github.etcdlock.chaos;

import io.github.etcdlock.chaos.Event.Kind;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Histories of elections, semaphores and work queues, with times in milliseconds: good
 * and bad ones.
 */
class RecipeCheckerTests extends WrittenHistory {

	// Elections

	@Test
	void leadersWithTermsThatRisePass() {
		lead("w1.1/a", 1, 1000, 1010, 1500);
		lead("w2.1/a", 2, 1200, 1510, 2000);
		assertThat(check().violated()).isEmpty();
		assertThat(check().checked(Invariant.ONE_LEADER_A_TERM)).isEqualTo(2);
		assertThat(check().checked(Invariant.TERMS_RISE)).isOne();
	}

	@Test
	void termOfTwoLeadersIsFlagged() {
		lead("w1.1/a", 1, 1000, 1010, 1020);
		lead("w2.1/a", 1, 1000, 1030, 1040);
		assertFlagged(Invariant.ONE_LEADER_A_TERM);
	}

	@Test
	void twoLeadersAtOnceAreFlagged() {
		lead("w1.1/a", 1, 1000, 1010, 3000);
		lead("w2.1/a", 2, 1000, 2900, 3100);
		assertThat(check().violated()).contains(Invariant.ONE_PROVEN_HOLDER);
	}

	@Test
	void earlierTermOfALaterLeaderIsFlagged() {
		lead("w1.1/a", 9, 1000, 1010, 1020);
		lead("w2.1/a", 8, 2000, 2010, 2020);
		assertThat(check().violated()).contains(Invariant.TERMS_RISE);
	}

	private void lead(String client, long term, long asked, long elected, long until) {
		turn(Elections.KEY, client, term, 0, asked, elected, until);
	}

	// Semaphores

	@Test
	void permitsThatAreThereAreHeldTogether() {
		take("w1.1/a", 1, 2, 1000, 1010, 3000);
		take("w2.1/a", 2, 1, 1000, 1020, 4000);
		take("w3.1/a", 3, 2, 1100, 3010, 3500);
		strike(Fault.KILL_WORKER, "w2", 4000, 5000);
		take("w3.1/a", 4, 3, 3600, 7900, 8000);
		assertThat(check().violated()).isEmpty();
		assertThat(check().checked(Invariant.PERMITS_ARE_NOT_EXCEEDED)).isEqualTo(4);
		assertThat(check().checked(Invariant.PERMITS_ARE_FREED)).isEqualTo(5);
	}

	@Test
	void morePermitsThanThereAreAreFlagged() {
		take("w1.1/a", 1, 1, 1000, 1010, 3000);
		take("w2.1/a", 2, 1, 1000, 1020, 3000);
		take("w3.1/a", 3, 2, 1000, 2500, 3000);
		assertFlagged(Invariant.PERMITS_ARE_NOT_EXCEEDED);
	}

	@Test
	void permitsOfADeadHolderThatStayAreFlagged() {
		take("w1.1/a", 1, 3, 1000, 1010, 1400);
		strike(Fault.KILL_WORKER, "w1", 1500, 2500);
		take("w2.1/a", 2, 1, 1100, 5600, 5700);
		assertFlagged(Invariant.PERMITS_ARE_FREED);
	}

	@Test
	void overtakenWaiterForPermitsIsFlagged() {
		take("w1.1/a", 1, 1, 1000, 1010, 5000);
		take("w2.1/a", 2, 1, 4000, 4010, 5500);
		take("w3.1/a", 3, 3, 2000, 5510, 5600);
		assertThat(check().violated()).containsExactly(Invariant.PERMITS_ARE_FAIR);
	}

	private void take(String client, long turn, int permits, long asked, long acquired, long until) {
		turn(SharedPermits.KEY, client, turn, permits, asked, acquired, until);
	}

	// Work queues

	@Test
	void itemThatIsGivenBackOrOutlivesItsConsumerIsDoneOnce() {
		item(Kind.OFFERED, "w1.1/a", 0, 1000, false);
		item(Kind.RECEIVED, "w1.1/a", 1, 1010, true);
		item(Kind.GIVING_BACK, "w1.1/a", 1, 1100, true);
		item(Kind.RECEIVED, "w2.1/a", 2, 1200, true);
		strike(Fault.PAUSE_WORKER, "w2", 1300, 6000);
		item(Kind.RECEIVED, "w3.1/a", 3, 4700, true);
		item(Kind.ACKNOWLEDGING, "w3.1/a", 3, 4800, true);
		item(Kind.ACKNOWLEDGED, "w3.1/a", 3, 4810, false);
		item(Kind.ACKNOWLEDGING, "w2.1/a", 2, 6000, false);
		item(Kind.TOO_LATE, "w2.1/a", 2, 6001, false);
		assertThat(check().violated()).isEmpty();
		assertThat(check().checked(Invariant.NO_ITEM_IS_LOST)).isOne();
		assertThat(check().checked(Invariant.ACKNOWLEDGED_IS_DONE)).isEqualTo(2);
		assertThat(check().checked(Invariant.NO_FALSE_REDELIVERY)).isEqualTo(2);
	}

	@Test
	void itemThatNobodyReceivesIsFlagged() {
		item(Kind.OFFERED, "w1.1/a", 0, 1000, false);
		assertFlagged(Invariant.NO_ITEM_IS_LOST);
	}

	@Test
	void itemThatIsGoneAfterItsConsumerDiedIsFlagged() {
		item(Kind.OFFERED, "w1.1/a", 0, 1000, false);
		item(Kind.RECEIVED, "w2.1/a", 1, 1100, true);
		strike(Fault.KILL_WORKER, "w2", 1200, 2200);
		assertFlagged(Invariant.NO_ITEM_IS_LOST);
	}

	@Test
	void lateAcknowledgementThatSucceedsIsFlagged() {
		item(Kind.OFFERED, "w1.1/a", 0, 1000, false);
		item(Kind.RECEIVED, "w2.1/a", 1, 1100, true);
		strike(Fault.PAUSE_WORKER, "w2", 1200, 6000);
		item(Kind.RECEIVED, "w3.1/a", 2, 4800, true);
		item(Kind.ACKNOWLEDGING, "w2.1/a", 1, 6000, false);
		item(Kind.ACKNOWLEDGED, "w2.1/a", 1, 6001, false);
		item(Kind.ACKNOWLEDGING, "w3.1/a", 2, 6100, false);
		assertFlagged(Invariant.ACKNOWLEDGED_IS_DONE);
	}

	@Test
	void itemThatIsReceivedTwiceWithoutAFaultIsFlagged() {
		item(Kind.OFFERED, "w1.1/a", 0, 1000, false);
		item(Kind.RECEIVED, "w2.1/a", 1, 1100, true);
		item(Kind.RECEIVED, "w3.1/a", 2, 1200, true);
		item(Kind.ACKNOWLEDGING, "w3.1/a", 2, 1300, true);
		assertFlagged(Invariant.NO_FALSE_REDELIVERY);
	}

	@Test
	void itemThatTwoConsumersHoldIsFlagged() {
		item(Kind.OFFERED, "w1.1/a", 0, 1000, false);
		item(Kind.RECEIVED, "w2.1/a", 1, 1100, true);
		strike(Fault.FREEZE_LINK, "w2", 1200, 6000);
		item(Kind.RECEIVED, "w3.1/a", 2, 4000, true);
		item(Kind.ACKNOWLEDGING, "w2.1/a", 1, 4100, true);
		item(Kind.ACKNOWLEDGING, "w3.1/a", 2, 4300, true);
		assertFlagged(Invariant.ONE_CONSUMER);
	}

	private void item(Kind kind, String client, long token, long millis, boolean proven) {
		this.history.add(new Event(kind, client, "item", token * HIGH, nanos(millis), proven, false));
	}

	private void turn(String key, String client, long token, int permits, long asked, long acquired, long until) {
		this.history.add(new Event(Kind.ASKED, client, key, 0, nanos(asked), false, false));
		boolean shared = permits > 0;
		for (Kind kind : new Kind[] { Kind.ACQUIRED, Kind.RELEASING, Kind.RELEASED }) {
			long at = (kind == Kind.ACQUIRED) ? acquired : until;
			this.history
				.add(new Event(kind, client, key, token * HIGH, nanos(at), kind != Kind.RELEASED, shared, permits));
		}
	}

}
