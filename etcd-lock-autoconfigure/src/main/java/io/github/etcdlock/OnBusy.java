package io.github.etcdlock;

/** What an annotated method does when its lock could not be had in time. */
public enum OnBusy {

	/** Throw {@link LockNotAcquiredException}. */
	THROW,

	/**
	 * Return {@code null}, or an empty {@code Optional} or publisher, without running the
	 * method; at once, unless a wait time is set.
	 */
	SKIP

}
