package io.github.etcdlock;

import org.jspecify.annotations.Nullable;

/**
 * A lock that was held is held no longer, though nobody released it: the session expired,
 * or its key was removed from outside.
 */
public class LockLostException extends EtcdLockException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param message what failed, for which key, after how long, and what to do
	 */
	public LockLostException(String message) {
		this(message, null);
	}

	/**
	 * Creates the exception.
	 * @param message what failed, for which key, after how long, and what to do
	 * @param cause what lies behind it, if anything
	 */
	public LockLostException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
