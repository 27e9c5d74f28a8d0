package io.github.etcdlock.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;

import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.chaos.EngineLocks.EngineHold;
import io.github.etcdlock.chaos.Event.Kind;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.WorkItem;
import io.github.etcdlock.recipe.WorkQueue;
import io.github.etcdlock.recipe.WorkQueueOptions;

/** The work queue of all workers, as one client sees it. */
final class Errands {

	/** Whoever is killed has received in vain, and that is no fault of the item. */
	private static final WorkQueueOptions OPTIONS = WorkQueueOptions.DEFAULTS.withMaxDeliveries(10_000);

	private static final Duration WAIT = Duration.ofSeconds(1);

	private static final Duration DELAY = Duration.ofMillis(50);

	/** One of so many items is given back. */
	private static final int GIVEN_BACK = 8;

	private final WorkQueue<String> queue;

	private final String client;

	private final Random random;

	private final Consumer<Event> notes;

	private int offered;

	Errands(EtcdRecipes recipes, String client, Random random, Consumer<Event> notes) {
		this.queue = recipes.workQueue("errands", String.class, OPTIONS);
		this.client = client;
		this.random = random;
		this.notes = notes;
	}

	/** Offers an item that is offered once, whatever becomes of it. */
	void offer() {
		String item = this.client + ":" + this.offered++;
		this.notes.accept(Event.now(Kind.OFFERING, this.client, item));
		this.queue.offer(item);
		this.notes.accept(Event.now(Kind.OFFERED, this.client, item));
	}

	/** What is to be done of an item. */
	interface Work {

		void run() throws InterruptedException;

	}

	/** Receives an item, works on it, and settles it, if there is one. */
	void receive(Work work) throws InterruptedException {
		Optional<WorkItem<String>> received = this.queue.receive(WAIT);
		if (received.isPresent()) {
			note(Kind.RECEIVED, received.get());
			work.run();
			settle(received.get(), this.random.nextInt(GIVEN_BACK) == 0);
		}
	}

	/** Does what is there, and what others have, unless that takes too long. */
	void finish(Duration patience) throws InterruptedException {
		long end = System.nanoTime() + patience.toNanos();
		boolean left = true;
		while (left && System.nanoTime() < end) {
			try {
				left = this.queue.size() > 0;
				for (WorkItem<String> item : left ? this.queue.receive(32, WAIT) : List.<WorkItem<String>>of()) {
					note(Kind.RECEIVED, item);
					finish(item);
				}
			}
			catch (LockUnavailableException ex) {
				// there is still time
			}
		}
	}

	private void finish(WorkItem<String> item) {
		try {
			settle(item, false);
		}
		catch (LockUnavailableException ex) {
			// goes on in the background
		}
	}

	/** Does not ask whether the item is still its own: the queue has to know. */
	private void settle(WorkItem<String> item, boolean givesBack) {
		try {
			if (givesBack) {
				note(Kind.GIVING_BACK, item);
				item.nack(DELAY);
			}
			else {
				note(Kind.ACKNOWLEDGING, item);
				item.ack();
				note(Kind.ACKNOWLEDGED, item);
			}
		}
		catch (LockLostException ex) {
			note(Kind.TOO_LATE, item);
		}
	}

	private void note(Kind kind, WorkItem<String> item) {
		this.notes.accept(Event.now(kind, this.client, item.value(), new EngineHold(item.handle())));
	}

}
