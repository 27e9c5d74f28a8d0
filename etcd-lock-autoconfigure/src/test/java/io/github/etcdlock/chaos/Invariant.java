package io.github.etcdlock.chaos;

/** What must hold, whatever happens. */
enum Invariant {

	ACCEPTED_TOKENS_NEVER_FALL("accepted tokens never fall"),

	TOKENS_ARE_UNIQUE("no two holders have the same token"),

	TOKENS_RISE("a later holder has a higher token"),

	ONE_PROVEN_HOLDER("no lock says that it is held when another has it already"),

	REFUSED_MEANS_NOT_HELD("a holder whom the guard refuses does not believe that it holds the lock"),

	NO_LOST_RELEASE("a released lock is taken by a waiter within a second"),

	STUCK_BOUND("a free lock is taken within TTL + 1 s, and TTL + 3 s more per change of leader"),

	LOSS_IS_REPORTED_IN_TIME(
			"a loss is reported before another holds the lock; within a second where etcd broke its word"),

	NO_FALSE_LOSS("no lock is lost without a fault longer than half a TTL"),

	NO_OVERTAKING("waiters of different processes are served in order"),

	RECOVERY("every worker acquires again within 10 s of a fault's end"),

	NOTHING_IS_LEFT("no key, lease, renewal or thread is left at the end");

	private final String text;

	Invariant(String text) {
		this.text = text;
	}

	@Override
	public String toString() {
		return this.text;
	}

}
