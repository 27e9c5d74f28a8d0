package io.github.etcdlock.sample;

/** How the visit of a buyer ended. */
enum Outcome {

	/** It bought a piece. */
	SOLD,

	/** There was none left. */
	SOLD_OUT,

	/** The lock was lost while it was being served, and it was told so. */
	LOST,

	/** The fence refused its write, for a later holder had written. */
	REFUSED,

	/** The instance that served it was killed. */
	KILLED,

	/** It was not served. */
	FAILED

}
