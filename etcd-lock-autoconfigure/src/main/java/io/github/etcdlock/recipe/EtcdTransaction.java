package io.github.etcdlock.recipe;

import java.util.List;
import java.util.stream.Stream;

/**
 * etcd's If/Then/Else, to be committed by {@link EtcdTransactions#commit}: if every
 * condition holds, the operations are carried out, otherwise the alternatives, all at
 * once. Immutable: each step returns another transaction.
 *
 * @param conditions what has to hold; nothing always holds
 * @param operations what is done then
 * @param alternatives what is done otherwise
 */
public record EtcdTransaction(List<EtcdCondition> conditions, List<EtcdOperation> operations,
		List<EtcdOperation> alternatives) implements EtcdOperation {

	/**
	 * Copies the lists.
	 * @param conditions what has to hold
	 * @param operations what is done then
	 * @param alternatives what is done otherwise
	 */
	public EtcdTransaction {
		conditions = List.copyOf(conditions);
		operations = List.copyOf(operations);
		alternatives = List.copyOf(alternatives);
	}

	/**
	 * Begins a transaction that does nothing yet.
	 * @param conditions what has to hold; none always hold
	 * @return the transaction
	 */
	public static EtcdTransaction when(EtcdCondition... conditions) {
		return new EtcdTransaction(List.of(conditions), List.of(), List.of());
	}

	/**
	 * The transaction with these operations after those it has.
	 * @param operations what else is done if the conditions hold
	 * @return the transaction
	 */
	public EtcdTransaction then(EtcdOperation... operations) {
		return new EtcdTransaction(this.conditions, joined(this.operations, operations), this.alternatives);
	}

	/**
	 * The transaction with these alternatives after those it has.
	 * @param alternatives what else is done if a condition does not hold
	 * @return the transaction
	 */
	public EtcdTransaction otherwise(EtcdOperation... alternatives) {
		return new EtcdTransaction(this.conditions, this.operations, joined(this.alternatives, alternatives));
	}

	private static List<EtcdOperation> joined(List<EtcdOperation> before, EtcdOperation... more) {
		return Stream.concat(before.stream(), Stream.of(more)).toList();
	}

}
