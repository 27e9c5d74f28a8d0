package io.github.etcdlock.aop;

import io.github.etcdlock.LockHandle;
import org.jspecify.annotations.Nullable;

/**
 * Interrupts the thread of an action when its lock is lost, but never once the action has
 * ended.
 */
final class LossInterrupt implements AutoCloseable {

	private @Nullable Thread thread = Thread.currentThread();

	private boolean interrupted;

	private final Runnable withdraw;

	LossInterrupt(Losses losses, LockHandle lock) {
		this.withdraw = losses.watch(lock, this::interrupt);
	}

	private synchronized void interrupt() {
		if (this.thread != null) {
			this.interrupted = true;
			this.thread.interrupt();
		}
	}

	synchronized boolean interrupted() {
		return this.interrupted;
	}

	/** Ends the action, and clears the interrupt it may not have noticed. */
	@Override
	public void close() {
		this.withdraw.run();
		end();
	}

	private synchronized void end() {
		this.thread = null;
		if (this.interrupted) {
			Thread.interrupted();
		}
	}

}
