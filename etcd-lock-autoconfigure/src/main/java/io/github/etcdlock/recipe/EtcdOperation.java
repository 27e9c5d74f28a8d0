package io.github.etcdlock.recipe;

import io.github.etcdlock.LockRequest;

/**
 * What a transaction does, made by {@link EtcdKey}; a whole {@link EtcdTransaction} is an
 * operation of another one.
 */
public sealed interface EtcdOperation
		permits EtcdOperation.Put, EtcdOperation.Get, EtcdOperation.Delete, EtcdTransaction {

	/**
	 * Stores a value.
	 *
	 * @param <T> the type of the value
	 * @param key the key
	 * @param value the value
	 * @param withSession whether it goes with the session of this process
	 */
	record Put<T>(EtcdKey<T> key, T value, boolean withSession) implements EtcdOperation {

		/**
		 * Checks the operation.
		 * @param key the key
		 * @param value the value, not null
		 * @param withSession whether it goes with the session of this process
		 */
		public Put {
			if (value == null) {
				throw new IllegalArgumentException("The value of the key " + LockRequest.quote(key.name())
						+ " must not be null: use delete() to take it away");
			}
		}

	}

	/**
	 * Reads a value.
	 *
	 * @param key the key
	 */
	record Get(EtcdKey<?> key) implements EtcdOperation {
	}

	/**
	 * Deletes a key.
	 *
	 * @param key the key
	 */
	record Delete(EtcdKey<?> key) implements EtcdOperation {
	}

}
