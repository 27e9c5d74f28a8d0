package io.github.etcdlock.recipe;

import io.github.etcdlock.LockRequest;

/**
 * What has to hold of one key, made by {@link EtcdKey}.
 *
 * @param key the key
 * @param target what of the key is compared
 * @param relation how it is to compare
 * @param operand with what: a value of the key's type, or a {@code Long}
 */
public record EtcdCondition(EtcdKey<?> key, Target target, Relation relation, Object operand) {

	/** What of a key is compared. */
	public enum Target {

		/** The stored bytes. */
		VALUE,

		/** How often it was put since it was created. */
		VERSION,

		/** The revision that created it. */
		CREATE_REVISION,

		/** The revision that last changed it. */
		MOD_REVISION

	}

	/** How what is in etcd compares with the operand. */
	public enum Relation {

		/** It is the same. */
		EQUAL,

		/** It is another. */
		NOT_EQUAL,

		/** It is greater. */
		GREATER,

		/** It is less. */
		LESS

	}

	/**
	 * Checks the condition.
	 * @param key the key
	 * @param target what of the key is compared
	 * @param relation how it is to compare
	 * @param operand with what
	 */
	public EtcdCondition {
		if (operand == null) {
			throw new IllegalArgumentException("The key " + LockRequest.quote(key.name())
					+ " cannot be compared with null: use absent() where it is not to be there");
		}
	}

}
