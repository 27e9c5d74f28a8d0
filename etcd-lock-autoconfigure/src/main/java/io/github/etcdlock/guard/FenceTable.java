package io.github.etcdlock.guard;

import java.sql.Connection;
import java.util.List;
import java.util.regex.Pattern;

import javax.sql.DataSource;

import io.github.etcdlock.LockMode;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.support.JdbcAccessor;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** The table of the highest tokens. */
final class FenceTable {

	private static final Pattern NAME = Pattern.compile("\\w+(\\.\\w+){0,2}");

	private static final RowMapper<FenceTokens> TOKENS = (row, number) -> new FenceTokens(row.getLong(1),
			row.getLong(2));

	private final JdbcOperations jdbc;

	private final String name;

	FenceTable(JdbcOperations jdbc, String name) {
		if (!NAME.matcher(name).matches()) {
			throw new IllegalArgumentException("The fence's table must be named in letters, digits and underscores, "
					+ "with a schema in front if need be, but is \"" + name + "\"");
		}
		this.jdbc = jdbc;
		this.name = name;
	}

	String name() {
		return this.name;
	}

	/**
	 * Whether what is written now belongs to a transaction of this database. That there
	 * is no auto-commit does not say so: a pool may give such connections to anybody.
	 */
	boolean inTransaction() {
		return isBound()
				&& Boolean.FALSE.equals(this.jdbc.execute((ConnectionCallback<Boolean>) Connection::getAutoCommit));
	}

	/**
	 * Whether a transaction manager has bound a connection. To be asked before the first
	 * statement, which binds one too.
	 */
	private boolean isBound() {
		DataSource source = (this.jdbc instanceof JdbcAccessor accessor) ? accessor.getDataSource() : null;
		if (source instanceof TransactionAwareDataSourceProxy proxy) {
			source = proxy.getTargetDataSource();
		}
		return source == null || TransactionSynchronizationManager.hasResource(source);
	}

	/** Whether a key has its row, as far as this transaction sees. Locks nothing. */
	private boolean has(String key) {
		return find(key, "") != null;
	}

	/** What is committed of a key, which nobody else can change any more. */
	@Nullable FenceTokens locked(String key) {
		return find(key, " for update");
	}

	private @Nullable FenceTokens find(String key, String end) {
		List<FenceTokens> found = this.jdbc
			.query("select writer_token, reader_token from " + this.name + " where lock_key = ?" + end, TOKENS, key);
		return found.isEmpty() ? null : found.get(0);
	}

	/**
	 * Gives a key its row unless another transaction does, for whose end it waits. No
	 * error of the database is provoked where that would end the transaction, and no lock
	 * is shared that two would both want to raise.
	 */
	void provide(String key) {
		String insert = "insert into " + this.name + " (lock_key, writer_token, reader_token) values (?, 0, 0)";
		switch (product()) {
			// A plain read would fix here what the transaction sees from now on, before
			// it
			// has waited for the former holder's; this one locks the row first.
			case "MySQL", "MariaDB" -> this.jdbc.update(insert + " on duplicate key update lock_key = lock_key", key);
			case "PostgreSQL" -> {
				if (!has(key)) {
					this.jdbc.update(insert + " on conflict (lock_key) do nothing", key);
				}
			}
			default -> {
				if (!has(key)) {
					addUnlessDuplicate(insert, key);
				}
			}
		}
	}

	private void addUnlessDuplicate(String insert, String key) {
		try {
			this.jdbc.update(insert, key);
		}
		catch (DuplicateKeyException ex) {
			// Another was first, which is as good: only the statement has failed.
			return;
		}
	}

	private String product() {
		String product = this.jdbc
			.execute((ConnectionCallback<String>) (connection) -> connection.getMetaData().getDatabaseProductName());
		return (product != null) ? product : "";
	}

	/**
	 * Raises a key's tokens if they admit this one. Decides on what is committed, not on
	 * what the transaction saw before, and keeps the row from others until it ends.
	 * @return false if they do not, or if the driver does not count rows that stay as
	 * they are
	 */
	boolean raise(String key, LockMode mode, long token) {
		String update = "update " + this.name;
		if (mode == LockMode.EXCLUSIVE) {
			return this.jdbc.update(
					update + " set writer_token = ? where lock_key = ? and writer_token <= ? and reader_token <= ?",
					token, key, token, token) == 1;
		}
		return this.jdbc.update(update + " set reader_token = case when reader_token < ? then ? else reader_token end"
				+ " where lock_key = ? and writer_token <= ?", token, token, key, token) == 1;
	}

}
