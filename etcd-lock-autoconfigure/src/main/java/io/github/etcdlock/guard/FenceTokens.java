package io.github.etcdlock.guard;

import io.github.etcdlock.LockMode;

/**
 * The highest tokens that have written under one key. Those of readers are in no order
 * among each other, so they are kept apart from those of writers.
 *
 * @param writer of exclusive holders
 * @param reader of shared holders
 */
record FenceTokens(long writer, long reader) {

	@Override
	public String toString() {
		return "writers up to the token " + this.writer + " and readers up to " + this.reader
				+ " have written meanwhile";
	}

	/** Readers are not to be below the highest writer, writers not below either. */
	boolean admit(LockMode mode, long token) {
		return token >= this.writer && (mode == LockMode.SHARED || token >= this.reader);
	}

}
