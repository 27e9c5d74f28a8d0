package io.github.etcdlock.etcd;

import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine's threads: one that only keeps time, and a few that run what users gave us,
 * so that nothing of theirs runs where an answer of etcd is waited for.
 */
final class Timers implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(Timers.class);

	private static final int CALLBACK_THREADS = 4;

	/** More than that may block all the same, but others do not go on meanwhile. */
	private static final int SPARE_THREADS = 256;

	private final ScheduledThreadPoolExecutor timer;

	/**
	 * A pool that adds a thread when all of its own wait for a future: users' code may
	 * wait for a lock, which comes through this very pool.
	 */
	private final ForkJoinPool callbacks;

	Timers() {
		this.timer = new ScheduledThreadPoolExecutor(1, Timers::timerThread);
		this.timer.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
		this.timer.setRemoveOnCancelPolicy(true);
		this.timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
		this.timer.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
		AtomicInteger count = new AtomicInteger();
		this.callbacks = new ForkJoinPool(CALLBACK_THREADS, (pool) -> new CallbackThread(pool, count.incrementAndGet()),
				(thread, ex) -> logger.error("A callback failed", ex), true, 0, SPARE_THREADS, 1, (pool) -> true, 30,
				TimeUnit.SECONDS);
	}

	private static Thread timerThread(Runnable work) {
		Thread thread = new Thread(work, "etcd-lock-timer-1");
		thread.setDaemon(true);
		return thread;
	}

	/** Runs a step later; after {@link #close()} it never does. */
	Future<?> after(long nanos, Runnable step) {
		return this.timer.schedule(guarded(step), nanos, TimeUnit.NANOSECONDS);
	}

	void every(long nanos, Runnable step) {
		this.timer.scheduleWithFixedDelay(guarded(step), nanos, nanos, TimeUnit.NANOSECONDS);
	}

	/** Goes on with the engine's own steps, wherever users' code may block. */
	void relieve(Runnable steps) {
		if (this.timer.isShutdown()) {
			steps.run();
		}
		else {
			this.timer.execute(steps);
		}
	}

	/** Where users' code runs. */
	Executor callbacks() {
		return this::handOver;
	}

	private void handOver(Runnable code) {
		try {
			this.callbacks.execute(code);
		}
		catch (RejectedExecutionException ex) {
			// Closed just now.
			code.run();
		}
	}

	/** Runs users' code; what it throws is logged. */
	void callback(Runnable code) {
		handOver(guarded(code));
	}

	private static Runnable guarded(Runnable step) {
		return () -> {
			try {
				step.run();
			}
			catch (RuntimeException | Error ex) {
				logger.error("A callback or a timed step failed", ex);
			}
		};
	}

	/** Lets callbacks that were handed in finish; nothing else starts. */
	@Override
	public void close() {
		this.timer.shutdownNow();
		this.callbacks.shutdown();
	}

	/** With the class loader of the application, which the common pool's have not. */
	private static final class CallbackThread extends ForkJoinWorkerThread {

		CallbackThread(ForkJoinPool pool, int number) {
			super(pool);
			setName("etcd-lock-callback-" + number);
			setDaemon(true);
		}

	}

}
