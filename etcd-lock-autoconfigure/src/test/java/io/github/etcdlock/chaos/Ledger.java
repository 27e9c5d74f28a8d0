package io.github.etcdlock.chaos;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.chaos.Event.Kind;

/** What is right only if its writers follow one another. */
interface Ledger {

	/** Time that a writer loses in the middle. */
	interface Delay {

		void pass() throws InterruptedException;

	}

	/**
	 * Reads the count, and makes an entry with the next one through a guard, or none.
	 * @return {@link Kind#WRITTEN}, {@link Kind#STALE}, {@link Kind#UNWRITTEN} or
	 * {@link Kind#UNSURE}
	 */
	Kind add(LockHandle lock, String id, Delay delay) throws InterruptedException;

}
