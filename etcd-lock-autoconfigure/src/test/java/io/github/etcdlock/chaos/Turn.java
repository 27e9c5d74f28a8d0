package io.github.etcdlock.chaos;

/** One lock that one client held, with everything the history tells of it. */
final class Turn {

	static final long NEVER = Long.MAX_VALUE;

	private final Event acquired;

	private final long asked;

	private long lastProven = Long.MIN_VALUE;

	private long last;

	private long releasing = NEVER;

	private long released = NEVER;

	private long lost = NEVER;

	Turn(Event acquired, long asked) {
		this.acquired = acquired;
		this.asked = asked;
		add(acquired);
	}

	void add(Event event) {
		this.last = Math.max(this.last, event.at());
		if (event.proven()) {
			this.lastProven = Math.max(this.lastProven, event.at());
		}
		switch (event.kind()) {
			case RELEASING -> this.releasing = event.at();
			case RELEASED -> this.released = event.at();
			case LOST -> this.lost = event.at();
			default -> {
				// says when it was held, which is noted
			}
		}
	}

	String client() {
		return this.acquired.client();
	}

	String worker() {
		return this.acquired.worker();
	}

	long token() {
		return this.acquired.token();
	}

	boolean shared() {
		return this.acquired.shared();
	}

	/** How many permits of a semaphore it has, or 0 of a lock. */
	int permits() {
		return this.acquired.permits();
	}

	/** Whether the two may not hold the lock at the same time. */
	boolean excludes(Turn other) {
		return !shared() || !other.shared();
	}

	long asked() {
		return this.asked;
	}

	long acquired() {
		return this.acquired.at();
	}

	/** The last time at which the lock itself said that it was held. */
	long lastProven() {
		return this.lastProven;
	}

	long releasing() {
		return this.releasing;
	}

	long released() {
		return this.released;
	}

	long lost() {
		return this.lost;
	}

	boolean wasLost() {
		return this.lost != NEVER;
	}

	/** The last time at which its client was heard of, while it knew the lock. */
	long last() {
		return this.last;
	}

	/** When its client had no more use for it, as far as is known. */
	long end() {
		long end = Math.min(this.releasing, this.lost);
		return (end != NEVER) ? end : this.last;
	}

	@Override
	public String toString() {
		return client() + " with token " + token() + " from " + acquired() + " to " + end()
				+ (wasLost() ? " (lost)" : "");
	}

}
