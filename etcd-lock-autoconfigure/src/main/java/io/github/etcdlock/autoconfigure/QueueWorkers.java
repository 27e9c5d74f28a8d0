package io.github.etcdlock.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.EtcdLockException;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.WorkItem;
import io.github.etcdlock.recipe.WorkQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The threads of one listener, from when it starts until it stops. */
final class QueueWorkers<T> {

	private static final Logger logger = LoggerFactory.getLogger(QueueWorkers.class);

	/** A wait that ends is begun again: this only bounds how long one takes. */
	private static final Duration WAIT = Duration.ofMinutes(1);

	/** How long to leave an etcd alone that does not answer. */
	private static final Duration PAUSE = Duration.ofSeconds(1);

	private final QueueListenerMethod listener;

	private final WorkQueue<T> queue;

	private final List<Thread> threads = new ArrayList<>();

	private final CountDownLatch stopping = new CountDownLatch(1);

	private final List<Rest> rests = new ArrayList<>();

	QueueWorkers(QueueListenerMethod listener, EtcdRecipes recipes, Class<T> type) {
		this.listener = listener;
		this.queue = recipes.workQueue(listener.queue(), type, listener.options());
	}

	void start() {
		for (int i = 1; i <= this.listener.concurrency(); i++) {
			Rest rest = new Rest();
			Thread thread = new Thread(() -> run(rest), "queue-" + this.listener.queue() + "-" + i);
			this.rests.add(rest);
			this.threads.add(thread);
			thread.start();
		}
	}

	/** Takes no more items. What is being worked on goes on. */
	void stop() {
		this.stopping.countDown();
		for (int i = 0; i < this.threads.size(); i++) {
			this.rests.get(i).interrupt(this.threads.get(i));
		}
	}

	/** Waits for what is being worked on. */
	void join(long deadline) throws InterruptedException {
		for (Thread thread : this.threads) {
			thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
		}
		if (this.threads.stream().anyMatch(Thread::isAlive)) {
			logger.warn("{} still works on items of the queue {}; others receive them when this application has ended",
					this.listener, this.listener.queue());
		}
	}

	private boolean stopped() {
		return this.stopping.getCount() == 0;
	}

	private void run(Rest rest) {
		try {
			while (!stopped()) {
				Optional<WorkItem<T>> item = receive(rest);
				if (item.isPresent()) {
					work(item.get());
				}
			}
		}
		catch (InterruptedException ex) {
			logger.debug("{} stops", this.listener);
		}
	}

	private Optional<WorkItem<T>> receive(Rest rest) throws InterruptedException {
		rest.begin();
		try {
			return stopped() ? Optional.empty() : this.queue.receive(WAIT);
		}
		catch (EtcdLockException ex) {
			logger.warn("{} can receive nothing from the queue {} at present: {}", this.listener, this.listener.queue(),
					ex.getMessage());
			this.stopping.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
			return Optional.empty();
		}
		catch (IllegalStateException ex) {
			logger.debug("The queue {} is closed", this.listener.queue(), ex);
			this.stopping.countDown();
			return Optional.empty();
		}
		finally {
			rest.end();
		}
	}

	private void work(WorkItem<T> item) {
		try {
			this.listener.call(item);
		}
		catch (Throwable ex) {
			failed(item, ex);
			return;
		}
		Thread.interrupted();
		settle(item, item::ack);
	}

	private void failed(WorkItem<T> item, Throwable cause) {
		Duration delay = this.listener.delayAfter(item.delivery());
		logger.warn("{} failed on {}, delivery {} from the queue {}; it is given back for {}", this.listener, item.id(),
				item.delivery(), this.listener.queue(), delay, cause);
		Thread.interrupted();
		settle(item, () -> item.nack(delay));
	}

	private void settle(WorkItem<T> item, Runnable end) {
		try {
			end.run();
		}
		catch (LockLostException ex) {
			logger.warn("{} has worked on an item that was lost meanwhile: {}", this.listener, ex.getMessage());
		}
		catch (EtcdLockException ex) {
			logger.warn("{} has worked on {}, but etcd does not answer: {}", this.listener, item.id(), ex.getMessage());
		}
		catch (IllegalStateException ex) {
			logger.debug("{} has settled {} itself", this.listener, item.id(), ex);
		}
	}

	/** While a thread waits for an item it may be interrupted, and not while it works. */
	static final class Rest {

		private boolean resting;

		synchronized void begin() {
			this.resting = true;
		}

		synchronized void interrupt(Thread thread) {
			if (this.resting) {
				thread.interrupt();
			}
		}

		/** An interrupt was for the wait, and not for the work. */
		synchronized void end() {
			this.resting = false;
			Thread.interrupted();
		}

	}

}
