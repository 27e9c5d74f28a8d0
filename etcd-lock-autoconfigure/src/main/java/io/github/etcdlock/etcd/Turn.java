package io.github.etcdlock.etcd;

import java.util.concurrent.TimeUnit;

/**
 * The time between a process's take of a lock and the write that ends it, within which
 * the lock may pass from thread to thread without a write. While no other process waits
 * that is limited only by the token's room and a second; once one waits, or as long as
 * that is not known, by a few passes and a short time. Lives on the loop.
 */
final class Turn {

	/** The token counts the passes of a turn below the revision. */
	static final int TOKENS = 4096;

	private static final long LONGEST = TimeUnit.SECONDS.toNanos(1);

	private final long began;

	private final int limit;

	private final long limitTime;

	private int passes;

	private long contendedSince;

	/** How often it had been passed on by then; -1 while nobody else waits. */
	private int contendedAt = -1;

	Turn(long began, int limit, long limitTime) {
		this.began = began;
		this.limit = limit;
		this.limitTime = limitTime;
	}

	/** How often the lock was passed on in this turn. */
	int passes() {
		return this.passes;
	}

	/**
	 * Whether the lock may be passed on once more.
	 * @param alone whether it is certain that no other process waits
	 */
	boolean mayPass(boolean alone, long now) {
		if (over(now)) {
			return false;
		}
		if (alone) {
			return true;
		}
		if (this.contendedAt < 0) {
			this.contendedSince = now;
			this.contendedAt = this.passes;
		}
		return this.passes - this.contendedAt < this.limit && now - this.contendedSince < this.limitTime;
	}

	/** Whether it ends with the present holder, whoever waits. */
	boolean over(long now) {
		return this.limit == 0 || this.passes >= TOKENS - 1 || now - this.began >= LONGEST;
	}

	void pass() {
		this.passes++;
	}

}
