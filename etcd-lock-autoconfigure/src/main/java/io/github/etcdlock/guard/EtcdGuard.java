package io.github.etcdlock.guard;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;

/**
 * Writes to etcd that only a live holder can make: they are carried out in one
 * transaction, and only while the lock's own keys are still those that its holder was
 * given. What a holder sends that was paused, or cut off, is refused by etcd itself.
 * Needs no fencing token in the data. Safe for use by many threads.
 */
public final class EtcdGuard {

	private final EtcdTransport transport;

	private final Markers markers;

	/**
	 * Creates the guard.
	 * @param transport the way to etcd
	 */
	public EtcdGuard(EtcdTransport transport) {
		this.transport = transport;
		this.markers = new Markers(transport.keyPrefix());
	}

	/**
	 * Begins a write that is carried out only while the lock is held. From now on the
	 * lock is not passed on inside of this process without a write to etcd.
	 * @param lock the lock, in either mode and with any number of keys
	 * @return the write, to be filled and committed
	 * @throws IllegalStateException if the lock is not in etcd
	 */
	public GuardedWrite write(LockHandle lock) {
		if (lock == null) {
			throw new IllegalArgumentException("The lock that guards a write must not be null");
		}
		if (lock.ownershipKeys().isEmpty()) {
			throw new IllegalStateException("The lock on " + lock.keys().stream().map(LockRequest::quote).toList()
					+ " is one of this process only "
					+ "(etcd-lock.enabled=false?), so etcd cannot tell whether it is held");
		}
		return new GuardedWrite(this.transport, this.markers, lock);
	}

}
