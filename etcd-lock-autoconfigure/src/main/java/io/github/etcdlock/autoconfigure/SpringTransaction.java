package io.github.etcdlock.autoconfigure;

import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.etcd.EnclosingTransaction;
import org.springframework.core.Ordered;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The transaction of Spring that the thread is in. A lock taken in a nested one (a
 * savepoint) ends with the outermost; one taken in a new one ends with that.
 */
final class SpringTransaction implements EnclosingTransaction, TransactionExecutionListener {

	private volatile Supplier<? extends Collection<LockHandle>> held = List::of;

	@Override
	public void heldBy(Supplier<? extends Collection<LockHandle>> callingThread) {
		this.held = callingThread;
	}

	@Override
	public boolean putOff(LockHandle lock, Runnable end) {
		if (!TransactionSynchronizationManager.isActualTransactionActive()
				|| !TransactionSynchronizationManager.isSynchronizationActive()) {
			return false;
		}
		TransactionSynchronizationManager.registerSynchronization(new Completion(lock, end));
		return true;
	}

	/**
	 * The last look, after all that others do before the commit, at the locks around the
	 * transaction too. Only where the transaction manager tells us, as those of Spring
	 * Boot do.
	 */
	@Override
	public void beforeCommit(TransactionExecution transaction) {
		if (!transaction.isReadOnly()) {
			this.held.get()
				.forEach((lock) -> check(lock, "before a transaction under it could commit, which is rolled back"));
		}
	}

	private static void check(LockHandle lock, String when) {
		if (!lock.isHeld()) {
			String keys = lock.keys().stream().map(LockRequest::quote).collect(Collectors.joining(", "));
			throw new LockLostException("The lock " + keys + " was lost, after it had been held for "
					+ lock.heldFor().toMillis() + " ms with the token " + lock.fencingToken() + ", " + when);
		}
	}

	private record Completion(LockHandle lock, Runnable end) implements TransactionSynchronization {

		@Override
		public int getOrder() {
			return Ordered.LOWEST_PRECEDENCE;
		}

		@Override
		public void beforeCommit(boolean readOnly) {
			check(this.lock, "before the transaction it was taken in could commit, which is rolled back");
		}

		/**
		 * Others have the same order and were registered later. What they do at the end
		 * of the transaction, they are to do locked.
		 */
		@Override
		public void beforeCompletion() {
			TransactionSynchronizationManager.registerSynchronization(new Release(this.lock, this.end));
		}

	}

	/** Registered when all others are, and so the last of them. */
	private record Release(LockHandle lock, Runnable end) implements TransactionSynchronization {

		@Override
		public int getOrder() {
			return Ordered.LOWEST_PRECEDENCE;
		}

		@Override
		public void afterCommit() {
			check(this.lock, "while the transaction it was taken in was committed; another may have held it "
					+ "meanwhile: check what was written");
		}

		@Override
		public void afterCompletion(int status) {
			this.end.run();
		}

	}

}
