package io.github.etcdlock;

import org.jspecify.annotations.Nullable;

/** etcd did not answer in time, or refused: whether the lock is free is not known. */
public class LockUnavailableException extends EtcdLockException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param message what failed, for which key, after how long, and what to do
	 */
	public LockUnavailableException(String message) {
		this(message, null);
	}

	/**
	 * Creates the exception.
	 * @param message what failed, for which key, after how long, and what to do
	 * @param cause what lies behind it, if anything
	 */
	public LockUnavailableException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
