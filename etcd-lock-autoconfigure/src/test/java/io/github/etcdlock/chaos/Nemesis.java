package io.github.etcdlock.chaos;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes one fault after the other, each only when everything is whole again. The seed
 * decides about their order, their victims and how long they take; every fault comes once
 * before any comes twice.
 */
final class Nemesis {

	private static final Logger logger = LoggerFactory.getLogger(Nemesis.class);

	private final Arena arena;

	private final List<Fault> faults;

	private final Random random;

	private final Deque<Fault> deck = new ArrayDeque<>();

	Nemesis(Arena arena, List<Fault> faults, long seed) {
		this.arena = arena;
		this.faults = faults;
		this.random = new Random(seed);
	}

	void rage(Duration time) {
		this.arena.awaitHealth();
		long start = System.nanoTime();
		this.arena.history().ready(start);
		while (System.nanoTime() - start < time.toNanos()) {
			Fault fault = next();
			// Its own generator, so that what one fault draws does not change the others.
			Strike strike = fault.strike(this.arena, new Random(this.random.nextLong()));
			this.arena.history().add(strike);
			logger.info("{} on {} for {} ms", fault, strike.victim(), strike.length() / 1_000_000);
			this.arena.awaitHealth();
		}
	}

	private Fault next() {
		if (this.deck.isEmpty()) {
			List<Fault> shuffled = new ArrayList<>(this.faults);
			Collections.shuffle(shuffled, this.random);
			this.deck.addAll(shuffled);
		}
		return this.deck.remove();
	}

}
