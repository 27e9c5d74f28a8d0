package io.github.etcdlock.autoconfigure;

import io.github.etcdlock.LockUnavailableException;

/** etcd cannot be used at start-up, and etcd-lock.fail-fast asks for failing then. */
final class EtcdUnusableException extends LockUnavailableException {

	private static final long serialVersionUID = 1L;

	private final transient EtcdTarget target;

	EtcdUnusableException(EtcdTarget target, LockUnavailableException cause) {
		super(target.named() + " cannot be used: " + cause.getMessage(), cause);
		this.target = target;
	}

	EtcdTarget target() {
		return this.target;
	}

}
