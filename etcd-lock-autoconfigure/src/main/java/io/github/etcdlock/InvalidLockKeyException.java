package io.github.etcdlock;

import org.jspecify.annotations.Nullable;

/** A key that cannot name a lock: blank, too long, or not valid text. */
public class InvalidLockKeyException extends EtcdLockException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param message what failed, for which key, after how long, and what to do
	 */
	public InvalidLockKeyException(String message) {
		this(message, null);
	}

	/**
	 * Creates the exception.
	 * @param message what failed, for which key, after how long, and what to do
	 * @param cause what lies behind it, if anything
	 */
	public InvalidLockKeyException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
