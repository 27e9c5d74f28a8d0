package io.github.etcdlock.integration;

import java.time.Duration;

import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import org.jspecify.annotations.Nullable;
import org.springframework.integration.support.locks.DistributedLock;
import org.springframework.integration.support.locks.RenewableLockRegistry;

/**
 * Locks for Spring Integration. A key is a string, and the lock is that of
 * {@link LockTemplate} on this key: what is locked there is locked here. The owner is the
 * thread, which may enter again, also through another lock of the same key. Nothing is
 * kept of locks that no thread holds, so there is nothing to expire.
 * <p>
 * Locks are renewed for as long as the process lives: a time to live says how soon the
 * lock of a dead process is free, and {@code renewLock} only checks.
 */
public final class EtcdLockRegistry implements RenewableLockRegistry<DistributedLock> {

	private static final String NAME = "lock-registry";

	private final LockTemplate template;

	private final EnteredLocks entered = new EnteredLocks();

	/**
	 * Creates the registry.
	 * @param template where the locks are from
	 */
	public EtcdLockRegistry(LockTemplate template) {
		this.template = template;
	}

	/**
	 * A lock, to be used by any number of threads. Its methods throw
	 * {@link io.github.etcdlock.LockUnavailableException} if etcd does not answer. If the
	 * lock was lost while it was held, {@code unlock()} throws
	 * {@link java.util.ConcurrentModificationException}, and entering it again
	 * {@link io.github.etcdlock.LockLostException}. There are no conditions.
	 */
	@Override
	public DistributedLock obtain(Object lockKey) {
		return lock(lockKey);
	}

	/**
	 * Checks that this thread holds the lock; it is renewed anyway.
	 * @throws IllegalStateException if this thread does not hold it
	 * @throws java.util.ConcurrentModificationException if it is lost
	 */
	@Override
	public void renewLock(Object lockKey) {
		lock(lockKey).checkHeld();
	}

	/**
	 * Checks that this thread holds the lock; it is renewed anyway, with the time to live
	 * that it was taken with.
	 * @throws IllegalStateException if this thread does not hold it
	 * @throws java.util.ConcurrentModificationException if it is lost
	 */
	@Override
	public void renewLock(Object lockKey, Duration ttl) {
		renewLock(lockKey);
	}

	private RegistryLock lock(@Nullable Object lockKey) {
		if (!(lockKey instanceof String key)) {
			throw new IllegalArgumentException("The key of a lock must be a string, but was "
					+ ((lockKey != null) ? "of type " + lockKey.getClass().getName() : "null")
					+ ": make one of what tells this lock from others");
		}
		return new RegistryLock(this.template, LockRequest.of(key).named(NAME), this.entered);
	}

}
