package io.github.etcdlock.etcd;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs steps one after the other, each on the thread that brings it unless another is at
 * work already, which then does it too. So the state of lines and sessions needs no
 * locks, and a lone caller pays for no change of thread.
 */
final class Loop {

	private static final Logger logger = LoggerFactory.getLogger(Loop.class);

	/** How many steps of others a caller's thread does before it hands the rest on. */
	private static final int SHARE = 512;

	private final Queue<Runnable> steps = new ConcurrentLinkedQueue<>();

	private final AtomicInteger waiting = new AtomicInteger();

	private final Executor relief;

	Loop(Executor relief) {
		this.relief = relief;
	}

	/** Runs the step here and now, or leaves it to whoever is at work. */
	void run(Runnable step) {
		this.steps.add(step);
		if (this.waiting.getAndIncrement() == 0) {
			work();
		}
	}

	/** Leaves the step to the executor. */
	void enqueue(Runnable step) {
		this.steps.add(step);
		if (this.waiting.getAndIncrement() == 0) {
			this.relief.execute(this::work);
		}
	}

	private void work() {
		int done = 0;
		do {
			if (++done > SHARE) {
				this.relief.execute(this::work);
				return;
			}
			step();
		}
		while (this.waiting.decrementAndGet() > 0);
	}

	private void step() {
		Runnable step = this.steps.poll();
		try {
			step.run();
		}
		catch (RuntimeException | Error ex) {
			logger.error("A step of the lock engine failed; please report this", ex);
		}
	}

}
