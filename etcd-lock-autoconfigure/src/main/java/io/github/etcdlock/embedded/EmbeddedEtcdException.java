package io.github.etcdlock.embedded;

import io.github.etcdlock.EtcdLockException;
import org.jspecify.annotations.Nullable;

/** An embedded etcd could not be started. */
public class EmbeddedEtcdException extends EtcdLockException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param message why it could not be started, and what to do
	 * @param cause what lies behind it, if anything
	 */
	public EmbeddedEtcdException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
