package io.github.etcdlock.docs;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.guard.JdbcFence;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;

class Accounts {

	private final JdbcFence fence;

	private final JdbcTemplate jdbc;

	Accounts(JdbcFence fence, JdbcTemplate jdbc) {
		this.fence = fence;
		this.jdbc = jdbc;
		jdbc.execute("create table account (id varchar(20), balance bigint)");
		jdbc.update("insert into account values ('alice', 100)");
	}

	@DistributedLock("account:#{#id}")
	@Transactional
	public void withdraw(String id, long amount, LockHandle lock) {
		// Rolled back, if a later holder has written.
		this.fence.admit(lock);
		this.jdbc.update("update account set balance = balance - ? where id = ?", amount, id);
	}

	long balance(String id) {
		Long balance = this.jdbc.queryForObject("select balance from account where id = ?", Long.class, id);
		return (balance != null) ? balance : 0;
	}

}
