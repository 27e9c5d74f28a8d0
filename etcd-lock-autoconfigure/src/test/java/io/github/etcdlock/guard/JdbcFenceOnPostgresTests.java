package io.github.etcdlock.guard;

import javax.sql.DataSource;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class JdbcFenceOnPostgresTests extends JdbcFenceContract {

	private static RealPostgres postgres;

	@BeforeAll
	static void start() throws Exception {
		postgres = RealPostgres.start();
	}

	@AfterAll
	static void end() {
		if (postgres != null) {
			postgres.close();
		}
	}

	@Override
	DataSource dataSource() {
		return postgres.dataSource();
	}

	@Override
	String schema() {
		return "schema-postgresql.sql";
	}

	@Override
	String identity() {
		return "bigint generated always as identity";
	}

}
