package io.github.etcdlock.recipe;

import io.github.etcdlock.EtcdLockException;

/**
 * Others kept changing what an action had read, until the time for it was over. Nothing
 * was changed.
 */
public class TransactionConflictException extends EtcdLockException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param message which keys, how often and for how long it was tried
	 */
	public TransactionConflictException(String message) {
		super(message, null);
	}

}
