package io.github.etcdlock.chaos;

import java.util.concurrent.atomic.AtomicBoolean;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.chaos.Event.Kind;
import io.github.etcdlock.guard.JdbcFence;
import org.h2.jdbcx.JdbcDataSource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A counter in a database that is read and written under a lock, and an entry for each
 * write: two with the same number are a lost update.
 */
final class JdbcLedger implements Ledger {

	private final JdbcTemplate jdbc;

	private final TransactionTemplate transactions;

	private final JdbcFence fence;

	JdbcLedger(String url) {
		JdbcDataSource source = new JdbcDataSource();
		source.setURL(url);
		this.jdbc = new JdbcTemplate(source);
		this.transactions = new TransactionTemplate(new JdbcTransactionManager(source));
		this.fence = new JdbcFence(this.jdbc);
	}

	@Override
	public Kind add(LockHandle lock, String id, Delay delay) throws InterruptedException {
		delay.pass();
		AtomicBoolean commits = new AtomicBoolean();
		try {
			this.transactions.executeWithoutResult((status) -> {
				this.fence.admit(lock);
				Integer count = this.jdbc.queryForObject("select number from counter", Integer.class);
				int next = ((count != null) ? count : 0) + 1;
				this.jdbc.update("update counter set number = ?", next);
				this.jdbc.update("insert into entry values (?, ?)", id, next);
				commits.set(true);
			});
			return Kind.WRITTEN;
		}
		catch (LockLostException ex) {
			return Kind.STALE;
		}
		catch (DataAccessException | TransactionException ex) {
			return commits.get() ? Kind.UNSURE : Kind.UNWRITTEN;
		}
	}

}
