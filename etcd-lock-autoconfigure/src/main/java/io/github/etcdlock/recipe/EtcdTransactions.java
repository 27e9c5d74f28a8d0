package io.github.etcdlock.recipe;

import java.time.Duration;

/**
 * Transactions on keys of the application's own: the full keys in etcd, not under the key
 * prefix of the locks. Keys under that prefix, such as
 * {@link io.github.etcdlock.LockHandle#ownershipKeys()}, may be compared and read, never
 * changed. Safe for use by many threads.
 */
public interface EtcdTransactions {

	/**
	 * Commits a transaction: once at most, even where requests or answers get lost.
	 * Blocks for the request timeout at most, and twice that where it begins a session.
	 * @param transaction the transaction
	 * @return what became of it
	 * @throws IllegalArgumentException if etcd refuses it, because it changes a key twice
	 * or has too many operations, or if it changes a key of the locks
	 * @throws io.github.etcdlock.LockUnavailableException if etcd could not be reached,
	 * so that nothing was done and nothing will be
	 */
	TransactionResult commit(EtcdTransaction transaction);

	/**
	 * Runs an action that reads and changes keys as if it were alone (software
	 * transactional memory). Its reads are those of one moment; its changes are made
	 * together at the end, if nothing that it has read, or is to change, was changed
	 * meanwhile. Else it runs again, for the default wait time of locks.
	 * @param <R> what it returns
	 * @param <E> what it throws
	 * @param action what to run; it changes nothing when it throws
	 * @return what the action has returned when it succeeded
	 * @throws E what the action has thrown
	 * @throws TransactionConflictException if others changed what it used each time, or
	 * the thread was interrupted, whose flag is set again
	 * @throws TransactionUnknownException if etcd did not say whether the changes are
	 * made
	 * @throws io.github.etcdlock.LockUnavailableException if etcd could not be reached,
	 * so that nothing was changed
	 */
	<R, E extends Exception> R run(TransactionAction<R, E> action) throws E;

	/**
	 * Runs an action that reads and changes keys as if it were alone, as
	 * {@link #run(TransactionAction)} does.
	 * @param <R> what it returns
	 * @param <E> what it throws
	 * @param wait for how long it may run again after conflicts; zero runs it once
	 * @param action what to run
	 * @return what the action has returned when it succeeded
	 * @throws E what the action has thrown
	 */
	<R, E extends Exception> R run(Duration wait, TransactionAction<R, E> action) throws E;

}
