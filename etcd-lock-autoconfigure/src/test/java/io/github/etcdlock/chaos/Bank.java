package io.github.etcdlock.chaos;

import java.time.Duration;

import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.chaos.Event.Kind;
import io.github.etcdlock.recipe.EtcdKey;
import io.github.etcdlock.recipe.EtcdTransactions;
import io.github.etcdlock.recipe.TransactionConflictException;
import io.github.etcdlock.recipe.TransactionMemory;
import io.github.etcdlock.recipe.TransactionResult;
import io.github.etcdlock.recipe.TransactionResult.Outcome;
import io.github.etcdlock.recipe.TransactionUnknownException;
import org.jspecify.annotations.Nullable;

/**
 * Accounts in etcd that many move money between, as one client sees them. Each transfer
 * also counts a key of the client's own, so that one that is made twice is seen.
 */
final class Bank {

	static final int ACCOUNTS = 6;

	private static final int OPENING = 100;

	private static final Duration PATIENCE = Duration.ofSeconds(3);

	private final EtcdTransactions transactions;

	private final EtcdKey<String> count;

	/** How many transfers of this client were made. */
	private int made;

	/** Whether another one may have been made, which nobody can tell any more. */
	private boolean perhapsOneMore;

	/** A transfer that may have been made, which etcd is still to be asked. */
	private @Nullable TransactionResult open;

	Bank(EtcdTransactions transactions, String client) {
		this.transactions = transactions;
		this.count = EtcdKey.of("/bank/count/" + client, String.class);
	}

	/**
	 * Moves money, and tells whether the books were right before, or why nothing was
	 * moved as far as is known.
	 */
	Kind transfer(int from, int to) {
		try {
			settle();
			boolean right = this.transactions.run(PATIENCE, (memory) -> {
				boolean before = right(memory);
				put(memory, account(from), balance(memory, from) - 1);
				put(memory, account(to), balance(memory, to) + 1);
				put(memory, this.count, counted(memory) + 1);
				return before;
			});
			this.made++;
			return right ? Kind.BALANCED : Kind.UNBALANCED;
		}
		catch (TransactionUnknownException ex) {
			this.open = ex.result();
			return Kind.FAILED;
		}
		catch (LockUnavailableException ex) {
			return Kind.FAILED;
		}
		catch (TransactionConflictException ex) {
			return Kind.GAVE_UP;
		}
	}

	/** Finds out what became of the last transfer, if that is not known. */
	private void settle() {
		if (this.open != null) {
			Outcome outcome = this.open.resolve().outcome();
			this.perhapsOneMore = outcome == Outcome.UNKNOWN;
			this.made += (outcome == Outcome.COMMITTED) ? 1 : 0;
			this.open = null;
		}
		if (this.perhapsOneMore) {
			this.made += this.transactions.run((memory) -> (counted(memory) == this.made + 1) ? 1 : 0);
			this.perhapsOneMore = false;
		}
	}

	private boolean right(TransactionMemory memory) {
		int total = 0;
		for (int i = 0; i < ACCOUNTS; i++) {
			total += balance(memory, i);
		}
		return total == ACCOUNTS * OPENING && counted(memory) == this.made;
	}

	private int counted(TransactionMemory memory) {
		return Integer.parseInt(memory.get(this.count).orElse("0"));
	}

	private static int balance(TransactionMemory memory, int account) {
		return Integer.parseInt(memory.get(account(account)).orElse(Integer.toString(OPENING)));
	}

	private static void put(TransactionMemory memory, EtcdKey<String> key, int value) {
		memory.put(key, Integer.toString(value));
	}

	private static EtcdKey<String> account(int number) {
		return EtcdKey.of("/bank/account/" + number, String.class);
	}

}
