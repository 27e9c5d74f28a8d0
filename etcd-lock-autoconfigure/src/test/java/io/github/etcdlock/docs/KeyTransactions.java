package io.github.etcdlock.docs;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.recipe.EtcdCondition.Relation;
import io.github.etcdlock.recipe.EtcdKey;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.EtcdTransaction;
import io.github.etcdlock.recipe.EtcdTransactions;
import io.github.etcdlock.recipe.TransactionResult;

/** The transactions of {@code recipes.md}. */
class KeyTransactions {

	private static final EtcdKey<Integer> LIMIT = EtcdKey.of("/shop/limit", Integer.class);

	private static final EtcdKey<String> CHANGED_BY = EtcdKey.of("/shop/limit-changed-by", String.class);

	private final EtcdTransactions transactions;

	KeyTransactions(EtcdRecipes recipes) {
		this.transactions = recipes.transactions();
	}

	boolean raise(int from, int to, String user) {
		TransactionResult result = this.transactions.commit(EtcdTransaction.when(LIMIT.hasValue(from))
			.then(LIMIT.put(to), CHANGED_BY.put(user))
			.otherwise(LIMIT.get()));
		return switch (result.outcome()) {
			case COMMITTED -> true;
			case NOT_COMMITTED -> false;
			case UNKNOWN -> result.resolve().committed();
		};
	}

	boolean writeAsHolder(LockHandle lock, int limit) {
		EtcdKey<String> ownership = EtcdKey.of(lock.ownershipKeys().get(0), String.class);
		EtcdTransaction guarded = EtcdTransaction.when(ownership.createRevision(Relation.EQUAL, lock.revision()))
			.then(LIMIT.put(limit));
		return lock.isHeld() && this.transactions.commit(guarded).committed();
	}

	void transfer(EtcdKey<Long> from, EtcdKey<Long> to, long amount) {
		this.transactions.run((memory) -> {
			long balance = memory.get(from).orElse(0L);
			if (balance < amount) {
				throw new IllegalStateException("Not enough money on " + from.name());
			}
			memory.put(from, balance - amount);
			memory.put(to, memory.get(to).orElse(0L) + amount);
			return null;
		});
	}

}
