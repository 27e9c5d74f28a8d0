package io.github.etcdlock.integration;

import java.time.Duration;
import java.util.ConcurrentModificationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

import io.github.etcdlock.EtcdLocks;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import org.jspecify.annotations.Nullable;
import org.springframework.integration.support.locks.DistributedLock;

/** A lock of the registry: which thread holds it is known there. */
final class RegistryLock implements DistributedLock {

	private static final Duration SHORTEST_TTL = Duration.ofSeconds(2);

	private final LockTemplate template;

	private final LockRequest request;

	private final String key;

	private final EnteredLocks entered;

	RegistryLock(LockTemplate template, LockRequest request, EnteredLocks entered) {
		this.template = template;
		this.request = request;
		this.key = request.keys().get(0);
		this.entered = entered;
	}

	@Override
	public void lock() {
		enterForSure(mineOrNew(this.request));
	}

	@Override
	public void lock(Duration ttl) {
		enterForSure(mineOrNew(withTtl(ttl)));
	}

	private void enterForSure(Lock lock) {
		lock.lock();
		this.entered.enter(this.key, lock);
	}

	@Override
	public void lockInterruptibly() throws InterruptedException {
		Lock lock = mineOrNew(this.request);
		lock.lockInterruptibly();
		this.entered.enter(this.key, lock);
	}

	@Override
	public boolean tryLock() {
		Lock lock = mineOrNew(this.request);
		return enteredIf(lock.tryLock(), lock);
	}

	@Override
	public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
		Lock lock = mineOrNew(this.request);
		return enteredIf(lock.tryLock(time, unit), lock);
	}

	@Override
	public boolean tryLock(Duration waitTime, Duration ttl) throws InterruptedException {
		Lock lock = mineOrNew(withTtl(ttl));
		return enteredIf(lock.tryLock(TimeUnit.NANOSECONDS.convert(waitTime), TimeUnit.NANOSECONDS), lock);
	}

	private boolean enteredIf(boolean locked, Lock lock) {
		if (locked) {
			this.entered.enter(this.key, lock);
		}
		return locked;
	}

	@Override
	public void unlock() {
		Lock lock = this.entered.leave(this.key);
		if (lock == null) {
			throw new IllegalMonitorStateException(notMine());
		}
		unlock(lock);
	}

	private static void unlock(Lock lock) {
		try {
			lock.unlock();
		}
		catch (LockLostException ex) {
			// What the registries of Spring Integration throw for it.
			throw new ConcurrentModificationException(ex.getMessage(), ex);
		}
	}

	/** To enter once more, and leave, is how to ask. */
	void checkHeld() {
		Lock lock = this.entered.find(this.key);
		if (lock == null) {
			throw new IllegalStateException(notMine());
		}
		try {
			lock.lock();
		}
		catch (LockLostException ex) {
			throw new ConcurrentModificationException(ex.getMessage(), ex);
		}
		unlock(lock);
	}

	/** A condition would have to wake threads of other processes. */
	@Override
	public Condition newCondition() {
		throw new UnsupportedOperationException(
				"The lock " + this.request.quotedKeys() + " is held across processes, and so has no conditions");
	}

	private Lock mineOrNew(LockRequest lockRequest) {
		Lock mine = this.entered.find(this.key);
		return (mine != null) ? mine : EtcdLocks.asLock(this.template, lockRequest);
	}

	/** What etcd can do: whole seconds, two at least. */
	private LockRequest withTtl(@Nullable Duration ttl) {
		if (ttl == null || ttl.isNegative() || ttl.isZero()) {
			throw new IllegalArgumentException("The time to live of the lock " + this.request.quotedKeys()
					+ " must be more than zero, but was " + ttl);
		}
		Duration whole = Duration.ofSeconds(ttl.getSeconds() + ((ttl.getNano() > 0) ? 1 : 0));
		return this.request.withTtl((whole.compareTo(SHORTEST_TTL) < 0) ? SHORTEST_TTL : whole);
	}

	private String notMine() {
		return "The thread \"" + Thread.currentThread().getName() + "\" does not hold the lock "
				+ this.request.quotedKeys() + " of this registry";
	}

	@Override
	public String toString() {
		return "Lock[" + this.request.quotedKeys()
				+ ((this.entered.find(this.key) != null) ? ", held by this thread]" : "]");
	}

}
