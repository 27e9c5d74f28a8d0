package io.github.etcdlock.recipe;

import io.github.etcdlock.EtcdLockException;

/** A bounded queue has as many items as it holds. */
public class QueueFullException extends EtcdLockException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param message which queue, and how much it holds
	 */
	public QueueFullException(String message) {
		super(message, null);
	}

}
