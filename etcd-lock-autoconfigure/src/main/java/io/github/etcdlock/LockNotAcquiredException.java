package io.github.etcdlock;

import org.jspecify.annotations.Nullable;

/** The lock was held by others for the whole wait time, or the wait was interrupted. */
public class LockNotAcquiredException extends EtcdLockException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param message what failed, for which key, after how long, and what to do
	 */
	public LockNotAcquiredException(String message) {
		this(message, null);
	}

	/**
	 * Creates the exception.
	 * @param message what failed, for which key, after how long, and what to do
	 * @param cause what lies behind it, if anything
	 */
	public LockNotAcquiredException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
