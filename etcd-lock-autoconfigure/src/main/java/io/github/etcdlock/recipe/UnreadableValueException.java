package io.github.etcdlock.recipe;

import io.github.etcdlock.EtcdLockException;

/**
 * What is stored is no value of the type that was asked for. What was taken from a queue
 * is not in the queue any more.
 */
public class UnreadableValueException extends EtcdLockException {

	private static final long serialVersionUID = 1L;

	private final byte[] stored;

	/**
	 * Creates the exception.
	 * @param message which queue or key, and what is wrong with the value
	 * @param stored what was stored
	 * @param cause why it cannot be read
	 */
	public UnreadableValueException(String message, byte[] stored, Throwable cause) {
		super(message, cause);
		this.stored = stored.clone();
	}

	/**
	 * What was stored, so that it is not lost.
	 * @return the bytes
	 */
	public byte[] stored() {
		return this.stored.clone();
	}

}
