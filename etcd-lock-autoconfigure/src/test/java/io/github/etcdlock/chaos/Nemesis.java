package io.github.etcdlock.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Random;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes one fault after the other as planned, each only when everything is whole again,
 * with some quiet in between.
 */
final class Nemesis {

	private static final Logger logger = LoggerFactory.getLogger(Nemesis.class);

	/** New processes are slow at first, for which no lock is to blame. */
	private static final Duration WARM_UP = Duration.ofSeconds(5);

	/** Without faults, so that what must hold then can be seen too. */
	private static final Duration BREATHER = Duration.ofSeconds(10);

	private final Arena arena;

	private final Plan plan;

	Nemesis(Arena arena, List<Fault> faults, long seed) {
		this.arena = arena;
		this.plan = new Plan(faults, seed);
	}

	/**
	 * Goes on for so long, and on a slow machine until there were so many faults, but not
	 * for more than twice as long.
	 */
	void rage(Duration time, int faults) {
		this.arena.awaitHealth();
		this.arena.hold(WARM_UP);
		long start = System.nanoTime();
		this.arena.history().ready(start);
		while (goesOn(System.nanoTime() - start, time.toNanos(), faults)) {
			if (this.plan.atRound()) {
				this.arena.hold(BREATHER);
			}
			strike();
		}
	}

	private boolean goesOn(long passed, long time, int faults) {
		return passed < time || (this.arena.history().strikes().size() < faults && passed < 2 * time);
	}

	/**
	 * Makes one fault, between two checks that everything is whole. One that is not
	 * possible here is left out, and changes nothing about the others.
	 */
	void strike() {
		Plan.Step step = this.plan.next();
		Fault fault = step.fault();
		if (!fault.possible(this.arena)) {
			logger.warn("{} is left out: this machine cannot do it", fault);
			return;
		}
		this.arena.awaitHealth();
		Strike strike = fault.strike(this.arena, new Random(step.seed()));
		this.arena.history().add(strike);
		logger.info("{} on {} for {} ms", strike.name(), strike.victim(), strike.length() / 1_000_000);
		this.arena.awaitHealth();
	}

}
