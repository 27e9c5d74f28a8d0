package io.github.etcdlock.chaos;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/**
 * Which fault comes when: a seed decides, and every fault comes once before any twice.
 */
final class Plan {

	/**
	 * One fault.
	 *
	 * @param fault what is done
	 * @param seed decides about its victim and how long it takes; its own, so that what
	 * one fault draws does not change the others
	 */
	record Step(Fault fault, long seed) {
	}

	private final List<Fault> faults;

	private final Random random;

	private final Deque<Fault> deck = new ArrayDeque<>();

	Plan(List<Fault> faults, long seed) {
		this.faults = faults;
		this.random = new Random(seed);
	}

	/** Whether every fault has come as often as any other. */
	boolean atRound() {
		return this.deck.isEmpty();
	}

	Step next() {
		if (this.deck.isEmpty()) {
			List<Fault> shuffled = new ArrayList<>(this.faults);
			Collections.shuffle(shuffled, this.random);
			this.deck.addAll(shuffled);
		}
		return new Step(this.deck.remove(), this.random.nextLong());
	}

}
