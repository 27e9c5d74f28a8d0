package io.github.etcdlock.sample;

/** How the buyers of a sale are kept apart. */
enum Mode {

	/** Nothing does: two buyers may see the same last piece. */
	NONE("No lock"),

	/** A key with a time to live that nobody renews. */
	NAIVE("Naive TTL lock"),

	/** One buyer at a time, across all instances. */
	LOCK("@DistributedLock"),

	/** The same, and the database refuses whoever comes late. */
	FENCE("@DistributedLock + fence");

	private final String label;

	Mode(String label) {
		this.label = label;
	}

	String label() {
		return this.label;
	}

	/** Whether a holder learns that it has lost the lock. */
	boolean isReal() {
		return this == LOCK || this == FENCE;
	}

}
