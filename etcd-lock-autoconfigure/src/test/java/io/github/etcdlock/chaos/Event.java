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
 */
record Event(Kind kind, String client, String key, long token, long at, boolean proven, boolean shared) {

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

		/** Is about to release the lock. */
		RELEASING,

		/** Has released the lock. */
		RELEASED,

		/** Was told that the lock is lost. */
		LOST

	}

	/** The process, whatever its life. */
	String worker() {
		return this.client.substring(0, this.client.indexOf('.'));
	}

	Event as(Kind other) {
		return new Event(other, this.client, this.key, this.token, this.at, this.proven, this.shared);
	}

	String line() {
		return this.kind + " " + this.client + " " + this.key + " " + this.token + " " + this.at + " " + this.proven
				+ " " + this.shared;
	}

	static Event parse(String line) {
		String[] part = line.split(" ");
		return new Event(Kind.valueOf(part[0]), part[1].intern(), part[2].intern(), Long.parseLong(part[3]),
				Long.parseLong(part[4]), Boolean.parseBoolean(part[5]), Boolean.parseBoolean(part[6]));
	}

}
