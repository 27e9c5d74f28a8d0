package io.github.etcdlock.etcd;

import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** When a turn ends, in plain numbers. */
class TurnTests {

	private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

	private static final long BEGAN = Long.MAX_VALUE - 5 * MILLI;

	private final Turn turn = new Turn(BEGAN, 16, 50 * MILLI);

	/** Passes as often as the turn allows at a time. */
	private int passes(boolean alone, long now) {
		int passes = 0;
		while (this.turn.mayPass(alone, now)) {
			this.turn.pass();
			passes++;
		}
		return passes;
	}

	@Test
	void passesAreFreeWhileNobodyElseWaits() {
		assertThat(passes(true, BEGAN)).isEqualTo(4095);
		assertThat(this.turn.passes()).isEqualTo(4095);
	}

	@Test
	void lastTokenOfATurnIsBelowTheFirstOfTheNextRevision() {
		passes(true, BEGAN);
		long revision = 7;
		assertThat(revision * Turn.TOKENS + this.turn.passes()).isLessThan((revision + 1) * Turn.TOKENS);
	}

	@Test
	void turnEndsAfterASecondEvenWhileNobodyElseWaits() {
		assertThat(this.turn.mayPass(true, BEGAN + 999 * MILLI)).isTrue();
		assertThat(this.turn.mayPass(true, BEGAN + 1000 * MILLI)).isFalse();
	}

	@Test
	void sixteenPassesAreLeftOnceAnotherProcessWaits() {
		assertThat(passes(false, BEGAN)).isEqualTo(16);
	}

	@Test
	void passesBeforeAnotherProcessWaitedDoNotCount() {
		for (int i = 0; i < 100; i++) {
			assertThat(this.turn.mayPass(true, BEGAN)).isTrue();
			this.turn.pass();
		}
		assertThat(passes(false, BEGAN)).isEqualTo(16);
	}

	@Test
	void fiftyMillisecondsAreLeftOnceAnotherProcessWaits() {
		long seen = BEGAN + 300 * MILLI;
		assertThat(this.turn.mayPass(false, seen)).isTrue();
		this.turn.pass();
		assertThat(this.turn.mayPass(false, seen + 49 * MILLI)).isTrue();
		assertThat(this.turn.mayPass(false, seen + 50 * MILLI)).isFalse();
	}

	@Test
	void lateArrivalDoesNotProlongATurn() {
		assertThat(this.turn.mayPass(false, BEGAN + 990 * MILLI)).isTrue();
		assertThat(this.turn.mayPass(false, BEGAN + 1000 * MILLI)).isFalse();
	}

	@Test
	void othersWhoComeAndGoDoNotProlongTheTimeForThoseWhoComeAgain() {
		assertThat(this.turn.mayPass(false, BEGAN)).isTrue();
		assertThat(this.turn.mayPass(true, BEGAN + 60 * MILLI)).isTrue();
		assertThat(this.turn.mayPass(false, BEGAN + 61 * MILLI)).isFalse();
	}

	@Test
	void limitOfZeroIsAWriteEachTime() {
		Turn none = new Turn(BEGAN, 0, 50 * MILLI);
		assertThat(none.mayPass(true, BEGAN)).isFalse();
		assertThat(none.mayPass(false, BEGAN)).isFalse();
	}

	@Test
	void limitAboveTheRoomOfATokenIsCut() {
		Turn generous = new Turn(BEGAN, 10_000, 900 * MILLI);
		for (int i = 0; i < 4095; i++) {
			assertThat(generous.mayPass(false, BEGAN)).isTrue();
			generous.pass();
		}
		assertThat(generous.mayPass(false, BEGAN)).isFalse();
	}

}
