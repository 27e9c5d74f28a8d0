package io.github.etcdlock.guard;

/** What became of a guarded write. */
public enum GuardOutcome {

	/** It was carried out, all of it, while the lock was held. */
	COMMITTED,

	/** Nothing was written, and never will be: the lock was not held any more. */
	LOST,

	/**
	 * Nothing was written, and never will be, though the lock was still held: it may be
	 * written anew. Only {@link GuardedWrite#resolve()} finds that out.
	 */
	NOT_COMMITTED,

	/**
	 * etcd gave no answer: it may have been carried out, or may be yet.
	 * {@link GuardedWrite#resolve()} finds out.
	 */
	UNKNOWN

}
