package io.github.etcdlock.chaos;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.BeforeEach;

import static org.assertj.core.api.Assertions.assertThat;

/** A history that a test writes, with times in milliseconds. */
abstract class WrittenHistory {

	/** The token of a turn that no pass came before. */
	static final int HIGH = 4096;

	private static final Duration TTL = Duration.ofSeconds(3);

	final History history = new History();

	@BeforeEach
	void quietBefore() {
		this.history.ready(0);
	}

	void strike(Fault fault, String victim, long from, long to) {
		this.history.add(new Strike(fault, victim, nanos(from), nanos(to)));
	}

	void stall(long from, long to) {
		this.history.noticed(Canary.stall(nanos(from), nanos(to), TTL.toNanos()));
	}

	void election(long from, long to) {
		this.history.noticed(Canary.election(nanos(from), nanos(to)));
	}

	static long nanos(long millis) {
		return TimeUnit.MILLISECONDS.toNanos(millis);
	}

	Verdict check() {
		return new Checker(this.history, TTL).check();
	}

	void assertFlagged(Invariant invariant) {
		assertThat(check().violated()).containsExactly(invariant);
	}

}
