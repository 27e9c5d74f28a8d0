package io.github.etcdlock.etcd;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** One consumer's wish for items. Lives on the loop, its outcome anywhere. */
final class Poll<I> {

	private final int most;

	private final boolean waits;

	/** Whom to tell that the wait is over. */
	private Runnable whenExpired = () -> {
	};

	private final CompletableFuture<List<I>> outcome = new CompletableFuture<>();

	/** How many reads had begun when it came: none of those can tell it "empty". */
	private long readsBefore;

	/** Whether somebody is asking etcd for its items. */
	private boolean asking;

	private boolean expired;

	/**
	 * A wish.
	 * @param most how many items at most
	 * @param waits whether it waits for the first
	 */
	Poll(int most, boolean waits) {
		this.most = most;
		this.waits = waits;
	}

	int most() {
		return this.most;
	}

	/** Whether it is content to wait for longer. */
	boolean waits() {
		return this.waits && !this.expired;
	}

	CompletableFuture<List<I>> outcome() {
		return this.outcome;
	}

	boolean over() {
		return this.outcome.isDone();
	}

	/** Whether it got them; not if nobody waits for it any more. */
	boolean give(List<I> items) {
		return this.outcome.complete(items);
	}

	long readsBefore() {
		return this.readsBefore;
	}

	void readsBefore(long reads) {
		this.readsBefore = reads;
	}

	void whenExpired(Runnable action) {
		this.whenExpired = action;
	}

	boolean asking() {
		return this.asking;
	}

	void asking(boolean asking) {
		this.asking = asking;
	}

	/**
	 * The wait is over, but an answer that is under way still counts, and "empty" is what
	 * etcd says, not what nobody has heard.
	 */
	void expire() {
		this.expired = true;
		this.whenExpired.run();
	}

}
