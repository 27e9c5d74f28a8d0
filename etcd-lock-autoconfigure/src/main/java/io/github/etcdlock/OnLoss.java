package io.github.etcdlock;

/** What happens when the lock is lost while the method still runs. */
public enum OnLoss {

	/** Let the method finish, then throw {@link LockLostException}. */
	THROW,

	/**
	 * Interrupt the method's thread at once, and throw {@link LockLostException} when it
	 * has returned. Where the method returns a stage or a publisher, cancel that at once,
	 * and let it fail with {@link LockLostException}.
	 */
	INTERRUPT

}
