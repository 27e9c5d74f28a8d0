package io.github.etcdlock.docs;

import java.time.Duration;
import java.util.Optional;

import io.github.etcdlock.recipe.DoubleBarrier;
import io.github.etcdlock.recipe.EtcdRecipes;

class Simulation {

	private final DoubleBarrier step;

	Simulation(EtcdRecipes recipes) {
		this.step = recipes.doubleBarrier("step", 4);
	}

	boolean run(Runnable work) throws InterruptedException {
		Optional<DoubleBarrier.Visit> visit = this.step.enter(Duration.ofMinutes(1));
		if (visit.isEmpty()) {
			return false;
		}
		try (DoubleBarrier.Visit inside = visit.get()) {
			work.run();
			return inside.leave(Duration.ofMinutes(1));
		}
	}

}
