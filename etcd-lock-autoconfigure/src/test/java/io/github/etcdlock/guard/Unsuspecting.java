package io.github.etcdlock.guard;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockMode;

/**
 * A lock in the hands of a thread that has seen it held, and was paused between that look
 * and what it did then.
 */
record Unsuspecting(LockHandle lock, Runnable pause) implements LockHandle {

	Unsuspecting(LockHandle lock) {
		this(lock, () -> {
		});
	}

	@Override
	public boolean isHeld() {
		this.pause.run();
		return true;
	}

	@Override
	public List<String> keys() {
		return this.lock.keys();
	}

	@Override
	public LockMode mode() {
		return this.lock.mode();
	}

	@Override
	public long fencingToken() {
		return this.lock.fencingToken();
	}

	@Override
	public List<String> ownershipKeys() {
		return this.lock.ownershipKeys();
	}

	@Override
	public long revision() {
		return this.lock.revision();
	}

	@Override
	public Duration heldFor() {
		return this.lock.heldFor();
	}

	@Override
	public void onLost(Runnable action) {
		this.lock.onLost(action);
	}

	@Override
	public void close() {
		this.lock.close();
	}

	@Override
	public CompletableFuture<Void> closeAsync() {
		return this.lock.closeAsync();
	}

}
