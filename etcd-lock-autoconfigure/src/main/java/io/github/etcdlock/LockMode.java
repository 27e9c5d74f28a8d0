package io.github.etcdlock;

/** Who may hold a lock beside its holder. */
public enum LockMode {

	/** One holder at a time. */
	EXCLUSIVE,

	/** Any number of shared holders, but none beside an exclusive one. */
	SHARED

}
