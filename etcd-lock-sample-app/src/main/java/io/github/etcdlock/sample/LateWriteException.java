package io.github.etcdlock.sample;

import io.github.etcdlock.LockLostException;

/** The fence has refused a write, for a later holder has written. */
class LateWriteException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	LateWriteException(LockLostException refusal) {
		super(refusal.getMessage(), refusal);
	}

}
