package io.github.etcdlock.guard;

import javax.sql.DataSource;

import org.h2.jdbcx.JdbcDataSource;

class JdbcFenceOnH2Tests extends JdbcFenceContract {

	@Override
	DataSource dataSource() {
		JdbcDataSource source = new JdbcDataSource();
		source.setURL("jdbc:h2:mem:fence;DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=20000");
		return source;
	}

	@Override
	String schema() {
		return "schema-h2.sql";
	}

	@Override
	String identity() {
		return "bigint generated always as identity";
	}

}
