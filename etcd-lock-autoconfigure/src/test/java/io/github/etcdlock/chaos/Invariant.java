package io.github.etcdlock.chaos;

/** What must hold, whatever happens. */
enum Invariant {

	ACCEPTED_TOKENS_NEVER_FALL("accepted tokens never fall"),

	TOKENS_ARE_UNIQUE("no two holders have the same token"),

	TOKENS_RISE("a later holder has a higher token"),

	ONE_PROVEN_HOLDER("no lock says that it is held when another has it already"),

	REFUSED_MEANS_NOT_HELD("a holder whom the guard refuses does not believe that it holds the lock"),

	NO_LOST_RELEASE("a released lock is taken by a waiter within a second"),

	STUCK_BOUND(
			"a free lock that somebody waits for is taken within TTL + 1 s, and TTL + 3 s more per change of leader"),

	LOSS_IS_REPORTED_IN_TIME(
			"a loss is reported, and before another holds the lock; within a second where etcd broke its word"),

	NO_FALSE_LOSS("no lock is lost without a fault longer than half a TTL"),

	NO_OVERTAKING("waiters of different processes are served in order"),

	MINIMUM_IS_KEPT("nobody has a lock before the minimum time of its last holder is over"),

	ONE_RUN_A_TICK("a tick of a schedule runs at most once"),

	NO_TICK_IS_SKIPPED("a tick of a schedule runs, unless etcd or the last to run is broken"),

	ONE_LEADER_A_TERM("each term has one leader"),

	TERMS_RISE("a later leader has a later term"),

	PERMITS_ARE_NOT_EXCEEDED("no more permits are held than there are"),

	PERMITS_ARE_FREED("free permits are taken within TTL + 1 s, and TTL + 3 s more per change of leader"),

	PERMITS_ARE_FAIR("who waits for permits is served in order"),

	NO_UPDATE_IS_LOST("what is written through guards follows one another: each number comes once"),

	WRITES_ARE_AS_TOLD("a guarded write is there if it was said to be, and is not if that was said"),

	NO_ITEM_IS_LOST("an item that was offered is received until somebody acknowledges it"),

	ACKNOWLEDGED_IS_DONE("an item that others have received cannot be acknowledged, nor received once it was"),

	ONE_CONSUMER("no item says that it is held when another consumer has it already"),

	NO_FALSE_REDELIVERY("an item is received again only if it was given back or its consumer was broken"),

	RECOVERY("every worker acquires again within 10 s of a fault's end"),

	BOOKS_ARE_RIGHT("transactions keep the total of all accounts, and each is made once"),

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
