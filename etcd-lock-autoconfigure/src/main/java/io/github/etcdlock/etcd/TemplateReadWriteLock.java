package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.Optional;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.recipe.DistributedReadWriteLock;

/** The two modes of one lock key, under the names that a read/write lock has for them. */
final class TemplateReadWriteLock implements DistributedReadWriteLock {

	private final LockTemplate locks;

	private final LockRequest write;

	private final LockRequest read;

	TemplateReadWriteLock(LockTemplate locks, String name) {
		this.locks = locks;
		this.write = LockRequest.of(name);
		this.read = this.write.shared();
	}

	@Override
	public LockHandle read() throws InterruptedException {
		return this.locks.acquire(this.read);
	}

	@Override
	public Optional<LockHandle> tryRead(Duration wait) throws InterruptedException {
		return this.locks.tryAcquire(this.read.waitingUpTo(wait));
	}

	@Override
	public LockHandle write() throws InterruptedException {
		return this.locks.acquire(this.write);
	}

	@Override
	public Optional<LockHandle> tryWrite(Duration wait) throws InterruptedException {
		return this.locks.tryAcquire(this.write.waitingUpTo(wait));
	}

}
