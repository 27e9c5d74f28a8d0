package io.github.etcdlock;

import org.jspecify.annotations.Nullable;

/** What every failure of a lock has in common. */
public class EtcdLockException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param message what failed, for which key, after how long, and what to do
	 * @param cause what lies behind it, if anything
	 */
	public EtcdLockException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
