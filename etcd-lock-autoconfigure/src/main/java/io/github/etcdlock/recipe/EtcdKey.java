package io.github.etcdlock.recipe;

import io.github.etcdlock.LockRequest;
import io.github.etcdlock.recipe.EtcdCondition.Relation;
import io.github.etcdlock.recipe.EtcdCondition.Target;

/**
 * A key of the application's own in etcd, with the type of its value: the full key as
 * {@code etcdctl} shows it, not one under the key prefix of the locks. From it the
 * conditions and operations of a transaction are made.
 *
 * @param <T> the type of the value: {@code String} and {@code byte[]} are stored as they
 * are, the rest in the application's {@link ValueFormat}
 * @param name the key
 * @param type the type of the value
 */
public record EtcdKey<T>(String name, Class<T> type) {

	/**
	 * Checks the key.
	 * @param name the key, not empty
	 * @param type the type of the value
	 */
	public EtcdKey {
		if (name == null || name.isEmpty()) {
			throw new IllegalArgumentException(
					"A key in etcd must not be empty: give the full key, such as /app/limit");
		}
		if (type == null) {
			throw new IllegalArgumentException(
					"The type of the value of " + LockRequest.quote(name) + " must not be null");
		}
	}

	/**
	 * A key.
	 * @param <T> the type of the value
	 * @param name the full key
	 * @param type the type of the value
	 * @return the key
	 */
	public static <T> EtcdKey<T> of(String name, Class<T> type) {
		return new EtcdKey<>(name, type);
	}

	/**
	 * Holds when there is such a key.
	 * @return the condition
	 */
	public EtcdCondition exists() {
		return createRevision(Relation.GREATER, 0);
	}

	/**
	 * Holds when there is no such key.
	 * @return the condition
	 */
	public EtcdCondition absent() {
		return createRevision(Relation.EQUAL, 0);
	}

	/**
	 * Holds when the stored bytes are those of this value; never when there is no such
	 * key.
	 * @param value the value
	 * @return the condition
	 */
	public EtcdCondition hasValue(T value) {
		return value(Relation.EQUAL, value);
	}

	/**
	 * Compares the stored bytes, byte by byte, with those of a value; never holds when
	 * there is no such key.
	 * @param relation how they are to compare
	 * @param value the value
	 * @return the condition
	 */
	public EtcdCondition value(Relation relation, T value) {
		return new EtcdCondition(this, Target.VALUE, relation, value);
	}

	/**
	 * Compares how often the key was put since it was created; 0 where there is none.
	 * @param relation how it is to compare
	 * @param version the number
	 * @return the condition
	 */
	public EtcdCondition version(Relation relation, long version) {
		return new EtcdCondition(this, Target.VERSION, relation, version);
	}

	/**
	 * Compares the revision that created the key; 0 where there is none.
	 * @param relation how it is to compare
	 * @param revision the revision
	 * @return the condition
	 */
	public EtcdCondition createRevision(Relation relation, long revision) {
		return new EtcdCondition(this, Target.CREATE_REVISION, relation, revision);
	}

	/**
	 * Compares the revision that last changed the key; 0 where there is none.
	 * @param relation how it is to compare
	 * @param revision the revision
	 * @return the condition
	 */
	public EtcdCondition modRevision(Relation relation, long revision) {
		return new EtcdCondition(this, Target.MOD_REVISION, relation, revision);
	}

	/**
	 * Stores a value for good.
	 * @param value the value
	 * @return the operation
	 */
	public EtcdOperation put(T value) {
		return new EtcdOperation.Put<>(this, value, false);
	}

	/**
	 * Stores a value for as long as this process lives and reaches etcd: it hangs on the
	 * lease of the locks, with their TTL, and goes when that ends.
	 * @param value the value
	 * @return the operation
	 */
	public EtcdOperation putWithSession(T value) {
		return new EtcdOperation.Put<>(this, value, true);
	}

	/**
	 * Reads the value, to be had from {@link TransactionResult#get}.
	 * @return the operation
	 */
	public EtcdOperation get() {
		return new EtcdOperation.Get(this);
	}

	/**
	 * Deletes the key, if it is there.
	 * @return the operation
	 */
	public EtcdOperation delete() {
		return new EtcdOperation.Delete(this);
	}

}
