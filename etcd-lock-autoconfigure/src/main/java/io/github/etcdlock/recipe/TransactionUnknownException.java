package io.github.etcdlock.recipe;

import io.github.etcdlock.LockUnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * etcd did not answer, so what an action has changed may be in etcd or not; it was not
 * and will not be tried again. {@link #result()} can find out.
 */
public class TransactionUnknownException extends LockUnavailableException {

	private static final long serialVersionUID = 1L;

	private final transient TransactionResult result;

	/**
	 * Creates the exception.
	 * @param message which keys, and what to do
	 * @param result what can find out
	 * @param cause what lies behind it, if anything
	 */
	public TransactionUnknownException(String message, TransactionResult result, @Nullable Throwable cause) {
		super(message, cause);
		this.result = result;
	}

	/**
	 * What can find out, with {@link TransactionResult#resolve()}.
	 * @return the result, whose outcome is unknown
	 */
	public TransactionResult result() {
		return this.result;
	}

}
