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
 * before any comes twice, and there is some quiet in between.
 */
final class Nemesis {

	private static final Logger logger = LoggerFactory.getLogger(Nemesis.class);

	/** Without faults, so that what must hold then can be seen too. */
	private static final Duration BREATHER = Duration.ofSeconds(10);

	private final Arena arena;

	private final List<Fault> faults;

	private final Random random;

	private final Deque<Fault> deck = new ArrayDeque<>();

	Nemesis(Arena arena, List<Fault> faults, long seed) {
		this.arena = arena;
		this.faults = faults;
		this.random = new Random(seed);
	}

	/** Goes on for so long. */
	void rage(Duration time) {
		this.arena.awaitHealth();
		long start = System.nanoTime();
		this.arena.history().ready(start);
		while (System.nanoTime() - start < time.toNanos()) {
			if (this.deck.isEmpty()) {
				this.arena.hold(BREATHER);
			}
			strike();
		}
	}

	/** Makes one fault, between two checks that everything is whole. */
	void strike() {
		this.arena.awaitHealth();
		// Its own generator, so that what one fault draws does not change the others.
		Strike strike = next().strike(this.arena, new Random(this.random.nextLong()));
		this.arena.history().add(strike);
		logger.info("{} on {} for {} ms", strike.fault(), strike.victim(), strike.length() / 1_000_000);
		this.arena.awaitHealth();
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
