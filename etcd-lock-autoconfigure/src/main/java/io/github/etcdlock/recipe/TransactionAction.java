package io.github.etcdlock.recipe;

/**
 * Code that reads and changes keys as if it were alone. It may run several times, so it
 * should do nothing else.
 *
 * @param <R> what it returns
 * @param <E> what it throws
 */
@FunctionalInterface
public interface TransactionAction<R, E extends Exception> {

	/**
	 * Runs.
	 * @param memory etcd at one moment, with this action's own changes
	 * @return what {@link EtcdTransactions#run} is to return
	 * @throws E to change nothing
	 */
	R run(TransactionMemory memory) throws E;

}
