package io.github.etcdlock.aop;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Counts calls until they return. */
final class RunningCalls {

	private final ReentrantLock guard = new ReentrantLock();

	private final Condition none = this.guard.newCondition();

	private int count;

	void begun() {
		this.guard.lock();
		try {
			this.count++;
		}
		finally {
			this.guard.unlock();
		}
	}

	void ended() {
		this.guard.lock();
		try {
			if (--this.count == 0) {
				this.none.signalAll();
			}
		}
		finally {
			this.guard.unlock();
		}
	}

	/** Waits until none runs; how many still do when the time is over. */
	int await(Duration most) throws InterruptedException {
		this.guard.lock();
		try {
			long left = most.toNanos();
			while (this.count > 0 && left > 0) {
				left = this.none.awaitNanos(left);
			}
			return this.count;
		}
		finally {
			this.guard.unlock();
		}
	}

}
