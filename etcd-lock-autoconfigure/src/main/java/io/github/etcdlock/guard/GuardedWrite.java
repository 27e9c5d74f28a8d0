package io.github.etcdlock.guard;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

import io.etcd.jetcd.ByteSequence;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockUnavailableException;

/**
 * One write to etcd under a lock: fill it, commit it once, and ask for its fate if etcd
 * gave no answer. To be filled by one thread.
 */
public final class GuardedWrite {

	private final EtcdTransport transport;

	private final Fate fate;

	private final Operations operations;

	private final AtomicBoolean begun = new AtomicBoolean();

	GuardedWrite(EtcdTransport transport, Markers markers, LockHandle lock) {
		this.transport = transport;
		this.fate = new Fate(transport, markers, lock);
		this.operations = new Operations(transport.keyPrefix());
	}

	/**
	 * Puts a key, without a lease.
	 * @param key the key, as etcd has it
	 * @param value the value
	 * @return this write
	 */
	public GuardedWrite put(String key, String value) {
		return put(bytes(key), bytes(value));
	}

	/**
	 * Puts a key, without a lease.
	 * @param key the key, as etcd has it
	 * @param value the value
	 * @return this write
	 */
	public GuardedWrite put(ByteSequence key, ByteSequence value) {
		return put(key, value, 0);
	}

	/**
	 * Puts a key that ends with a lease of the caller's.
	 * @param key the key, as etcd has it
	 * @param value the value
	 * @param leaseId the lease, or 0 for none
	 * @return this write
	 */
	public GuardedWrite put(ByteSequence key, ByteSequence value, long leaseId) {
		checkNotBegun();
		this.operations.put(key, value, leaseId);
		return this;
	}

	/**
	 * Deletes a key.
	 * @param key the key, as etcd has it
	 * @return this write
	 */
	public GuardedWrite delete(String key) {
		return delete(bytes(key));
	}

	/**
	 * Deletes a key.
	 * @param key the key, as etcd has it
	 * @return this write
	 */
	public GuardedWrite delete(ByteSequence key) {
		checkNotBegun();
		this.operations.delete(key);
		return this;
	}

	/**
	 * Carries the write out, if the lock is held. Blocks until etcd has answered, and for
	 * three times the request timeout at most; a thread that is interrupted meanwhile
	 * stays so, and does not know the outcome.
	 * @return what became of it, as far as is known
	 * @throws LockUnavailableException if nothing was written, because etcd could not be
	 * reached or refused
	 * @throws IllegalStateException if it was committed before, or has nothing to write
	 */
	public GuardOutcome commit() {
		return await(commitAsync());
	}

	/**
	 * Carries the write out, if the lock is held, without blocking.
	 * @return what became of it; fails as {@link #commit()} does
	 * @throws IllegalStateException if it was committed before, or has nothing to write
	 */
	public CompletableFuture<GuardOutcome> commitAsync() {
		this.operations.checkNotEmpty();
		if (!this.begun.compareAndSet(false, true)) {
			throw new IllegalStateException("This write was committed before: begin another");
		}
		return this.fate.commit(this.operations);
	}

	/**
	 * Finds out what became of a write whose outcome is unknown, and if it was not
	 * carried out by now, sees to it that it never will be. Blocks as {@link #commit()}
	 * does. Stays unknown for ever if etcd could not be reached for an hour.
	 * @return what became of it; {@link GuardOutcome#UNKNOWN} if etcd did not answer
	 * again, so that it may be asked once more
	 * @throws LockUnavailableException if etcd could not be reached or refused
	 * @throws IllegalStateException if it was not committed yet
	 */
	public GuardOutcome resolve() {
		return await(resolveAsync());
	}

	/**
	 * Finds out what became of a write as {@link #resolve()} does, without blocking.
	 * @return what became of it; fails as {@link #resolve()} does
	 * @throws IllegalStateException if it was not committed yet
	 */
	public CompletableFuture<GuardOutcome> resolveAsync() {
		if (!this.begun.get()) {
			throw new IllegalStateException("This write was not committed yet, so there is nothing to find out");
		}
		return this.fate.resolve();
	}

	private GuardOutcome await(CompletableFuture<GuardOutcome> outcome) {
		try {
			return outcome.get(this.transport.patience().toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return GuardOutcome.UNKNOWN;
		}
		catch (TimeoutException ex) {
			return GuardOutcome.UNKNOWN;
		}
		catch (ExecutionException ex) {
			throw (ex.getCause() instanceof RuntimeException cause) ? cause : new IllegalStateException(ex.getCause());
		}
	}

	private void checkNotBegun() {
		if (this.begun.get()) {
			throw new IllegalStateException("This write was committed already: begin another");
		}
	}

	private static ByteSequence bytes(String text) {
		if (text == null) {
			throw new IllegalArgumentException("Keys and values of a guarded write must not be null");
		}
		return ByteSequence.from(text, StandardCharsets.UTF_8);
	}

}
