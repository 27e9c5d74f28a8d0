package io.github.etcdlock.chaos;

/**
 * What a client did or saw. The time is {@link System#nanoTime()}, which all processes of
 * one machine share; it was read before {@code isHeld()} was asked.
 *
 * @param kind what happened
 * @param client process, its life and thread, as in {@code w1.2/OneHotKey-0}
 * @param key the lock
 * @param token the fencing token, or 0 when there is none yet
 * @param at when it happened
 * @param proven whether the lock said afterwards that it was held
 * @param shared whether others may hold it too
 * @param permits how many permits of a semaphore it has, or 0 of a lock
 */
record Event(Kind kind, String client, String key, long token, long at, boolean proven, boolean shared, int permits) {

	Event(Kind kind, String client, String key, long token, long at, boolean proven, boolean shared) {
		this(kind, client, key, token, at, proven, shared, 0);
	}

	enum Kind {

		/** Asked for the lock. */
		ASKED,

		/** Asked in vain: busy for too long. */
		GAVE_UP,

		/** Asked in vain: etcd could not be reached. */
		FAILED,

		/** Got the lock. */
		ACQUIRED,

		/** Asks the guard to let a call through. */
		CALL,

		/** The guard let a call through; in the order of the guard. */
		ACCEPTED,

		/** The guard refused a call; in the order of the guard. */
		REFUSED,

		/** Looked after the lock while it was held. */
		SEEN,

		/** Runs a tick of a schedule, which the key names. */
		RAN,

		/** Is about to release the lock. */
		RELEASING,

		/** Has released the lock. */
		RELEASED,

		/** Was told that the lock is lost. */
		LOST,

		/** Found the books of the bank right. */
		BALANCED,

		/** Found the books of the bank wrong. */
		UNBALANCED,

		/** Has made the entry that the key names, through a guard. */
		WRITTEN,

		/** Was told that the entry that the key names is not made: the lock was lost. */
		STALE,

		/** Was told that the entry that the key names is not made, for another reason. */
		UNWRITTEN,

		/** Was told nothing about the entry that the key names. */
		UNSURE,

		/** Is about to offer an item of work, which the key names. */
		OFFERING,

		/** Has offered an item of work. */
		OFFERED,

		/** Received an item of work. */
		RECEIVED,

		/** Is about to give an item of work back. */
		GIVING_BACK,

		/** Is about to acknowledge an item of work. */
		ACKNOWLEDGING,

		/** Has acknowledged an item of work. */
		ACKNOWLEDGED,

		/** Was told that the item of work is not its own any more. */
		TOO_LATE

	}

	/** What happens now, while the client holds nothing. */
	static Event now(Kind kind, String client, String key) {
		return new Event(kind, client, key, 0, System.nanoTime(), false, false);
	}

	/** What happens now, and what the lock says right after. */
	static Event now(Kind kind, String client, String key, Hold lock) {
		long now = System.nanoTime();
		boolean proven = lock.isHeld();
		return new Event(kind, client, key, lock.token(), now, proven, lock.shared(), lock.permits());
	}

	/** The process, whatever its life. */
	String worker() {
		return this.client.substring(0, this.client.indexOf('.'));
	}

	Event as(Kind other) {
		return new Event(other, this.client, this.key, this.token, this.at, this.proven, this.shared, this.permits);
	}

	String line() {
		return this.kind + " " + this.client + " " + this.key + " " + this.token + " " + this.at + " " + this.proven
				+ " " + this.shared + " " + this.permits;
	}

	static Event parse(String line) {
		String[] part = line.split(" ");
		return new Event(Kind.valueOf(part[0]), part[1].intern(), part[2].intern(), Long.parseLong(part[3]),
				Long.parseLong(part[4]), Boolean.parseBoolean(part[5]), Boolean.parseBoolean(part[6]),
				Integer.parseInt(part[7]));
	}

}
