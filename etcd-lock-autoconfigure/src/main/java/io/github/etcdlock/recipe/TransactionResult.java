package io.github.etcdlock.recipe;

import java.util.Optional;

/**
 * What became of a transaction. It was carried out once at most, whatever happened to
 * requests and answers on their way. Safe for use by many threads.
 */
public interface TransactionResult {

	/** What is known of it. */
	enum Outcome {

		/** The conditions held, and the operations were carried out. */
		COMMITTED,

		/**
		 * The operations were not carried out, and never will be: a condition did not
		 * hold.
		 */
		NOT_COMMITTED,

		/**
		 * The answer of etcd was lost, and so was that to the question what had become of
		 * it: {@link TransactionResult#resolve()} asks again.
		 */
		UNKNOWN

	}

	/**
	 * What is known of it.
	 * @return the outcome
	 */
	Outcome outcome();

	/**
	 * Whether the operations were carried out, as far as is known.
	 * @return true for {@link Outcome#COMMITTED}
	 */
	default boolean committed() {
		return outcome() == Outcome.COMMITTED;
	}

	/**
	 * What a {@link EtcdKey#get()} of the transaction has read.
	 * @param <T> the type of the value
	 * @param key the key
	 * @return the value, or empty when there was no such key
	 * @throws IllegalArgumentException if the operations that were carried out do not
	 * read this key
	 * @throws IllegalStateException if the answer of etcd was lost, and what it read with
	 * it
	 */
	<T> Optional<VersionedValue<T>> get(EtcdKey<T> key);

	/**
	 * The revision of etcd at which the transaction was carried out: that of every key it
	 * has put.
	 * @return the revision, or 0 if it is not known
	 */
	long revision();

	/**
	 * Finds out what has become of it where that is unknown: a mark that the transaction
	 * leaves in etcd tells. If it was not carried out by then it never will be. Blocks
	 * for the request timeout at most. The mark goes with the session of this process;
	 * after that nobody can tell, and the outcome stays unknown.
	 * @return the result, at once this one when its outcome is known
	 * @throws io.github.etcdlock.LockUnavailableException if etcd does not answer this
	 * time either
	 */
	TransactionResult resolve();

}
