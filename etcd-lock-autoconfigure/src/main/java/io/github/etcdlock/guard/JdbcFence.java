package io.github.etcdlock.guard;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.LockRequest;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Writes to a database that only a live holder can make: keeps the highest fencing token
 * of each lock in a table, checks and raises it in the transaction of the write, and so
 * has what a former holder writes rolled back. Holders of one lock follow each other in
 * the database from here to the end of their transactions. Safe for use by many threads.
 */
public final class JdbcFence {

	/** The table, unless another is named. */
	public static final String TABLE = "etcd_lock_fence";

	private final FenceTable table;

	/**
	 * Creates the fence on the table {@value #TABLE}.
	 * @param jdbc the database that the writes go to
	 */
	public JdbcFence(JdbcOperations jdbc) {
		this(jdbc, TABLE);
	}

	/**
	 * Creates the fence.
	 * @param jdbc the database that the writes go to
	 * @param table the table, made by the {@code schema-*.sql} beside this class
	 */
	public JdbcFence(JdbcOperations jdbc, String table) {
		this.table = new FenceTable(jdbc, table);
	}

	/**
	 * Lets the transaction of the calling thread go on if nobody has written under a
	 * later holder's token. Otherwise it is rolled back, even if the exception is caught.
	 * @param lock the lock under which is written
	 * @throws LockLostException if the lock is not held, or a later holder has written
	 * @throws IllegalStateException if there is no transaction of this database, or no
	 * table
	 */
	public void admit(LockHandle lock) {
		if (!lock.isHeld()) {
			throw refuse(new LockLostException("The lock " + quoted(lock) + " with the token " + lock.fencingToken()
					+ " is not held any more: nothing may be written under it"));
		}
		// In one order, so that no two transactions wait for each other.
		lock.keys().stream().sorted().forEach((key) -> admit(key, lock.mode(), lock.fencingToken()));
	}

	/**
	 * Lets the transaction of the calling thread go on as {@link #admit(LockHandle)}
	 * does, for where the handle is not at hand.
	 * @param key the key of the lock
	 * @param mode the mode of the lock
	 * @param token its fencing token
	 * @throws LockLostException if a later holder has written
	 * @throws IllegalStateException if there is no transaction of this database, or no
	 * table
	 */
	public void admit(String key, LockMode mode, long token) {
		checkTransaction(key);
		try {
			this.table.provide(key);
			if (!this.table.raise(key, mode, token)) {
				check(key, mode, token);
			}
		}
		catch (BadSqlGrammarException ex) {
			throw new IllegalStateException("The fence cannot use its table " + this.table.name()
					+ ": make it with one of io/github/etcdlock/guard/schema-postgresql.sql, schema-mysql.sql and "
					+ "schema-h2.sql on the class path, or name another with etcd-lock.fence.table", ex);
		}
	}

	private void check(String key, LockMode mode, long token) {
		FenceTokens now = this.table.locked(key);
		if (now == null || !now.admit(mode, token)) {
			throw refuse(new LockLostException("The lock " + LockRequest.quote(key) + " with the token " + token
					+ " is not the latest any more: " + ((now != null) ? now : "its row is gone from the table")
					+ ". If etcd was restored from a snapshot, its tokens have gone back: raise them, or empty the table "
					+ this.table.name()));
		}
	}

	private void checkTransaction(String key) {
		if (!TransactionSynchronizationManager.isActualTransactionActive()) {
			throw new IllegalStateException("The fence for the lock " + LockRequest.quote(key)
					+ " needs a transaction, and none is active: nothing could be rolled back. Write in one, "
					+ "with @Transactional or a TransactionTemplate");
		}
		if (!this.table.inTransaction()) {
			throw new IllegalStateException("The fence for the lock " + LockRequest.quote(key)
					+ " needs a transaction of its own database, but the active one is of another: "
					+ "use the transaction manager of the fence's DataSource");
		}
	}

	/**
	 * Has the transaction fail at its commit, whoever catches the exception until then.
	 */
	private static LockLostException refuse(LockLostException refusal) {
		if (TransactionSynchronizationManager.isSynchronizationActive()) {
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

				@Override
				public void beforeCommit(boolean readOnly) {
					throw refusal;
				}

			});
		}
		return refusal;
	}

	private static String quoted(LockHandle lock) {
		return String.join(", ", lock.keys().stream().map(LockRequest::quote).toList());
	}

}
