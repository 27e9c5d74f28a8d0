package io.github.etcdlock.etcd;

import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
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

	private final ScheduledThreadPoolExecutor timer;

	private final ThreadPoolExecutor callbacks;

	Timers() {
		this.timer = new ScheduledThreadPoolExecutor(1, threads("etcd-lock-timer"));
		this.timer.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
		this.timer.setRemoveOnCancelPolicy(true);
		this.timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
		this.timer.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
		this.callbacks = new ThreadPoolExecutor(CALLBACK_THREADS, CALLBACK_THREADS, 30, TimeUnit.SECONDS,
				new LinkedBlockingQueue<>(), threads("etcd-lock-callback"), (code, pool) -> code.run());
		this.callbacks.allowCoreThreadTimeOut(true);
	}

	private static ThreadFactory threads(String name) {
		AtomicInteger count = new AtomicInteger();
		return (work) -> {
			Thread thread = new Thread(work, name + "-" + count.incrementAndGet());
			thread.setDaemon(true);
			return thread;
		};
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
		return this.callbacks;
	}

	/** Runs users' code; what it throws is logged. */
	void callback(Runnable code) {
		this.callbacks.execute(guarded(code));
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

}
