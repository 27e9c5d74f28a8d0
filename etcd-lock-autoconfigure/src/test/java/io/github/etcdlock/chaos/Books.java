package io.github.etcdlock.chaos;

import java.sql.SQLException;
import java.util.List;

import io.github.etcdlock.chaos.History.Entry;
import io.github.etcdlock.test.EtcdContents;
import org.h2.jdbcx.JdbcDataSource;
import org.h2.tools.Server;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

/**
 * What the workers have written through guards: in etcd, and in a database. That lives in
 * this JVM, and the workers reach it over TCP.
 */
final class Books implements AutoCloseable {

	private static final String MEMORY = "mem:chaos;DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=2000";

	private final Server server;

	private final JdbcTemplate jdbc;

	Books() {
		JdbcDataSource source = new JdbcDataSource();
		source.setURL("jdbc:h2:" + MEMORY);
		this.jdbc = new JdbcTemplate(source);
		this.jdbc.execute("drop all objects");
		new ResourceDatabasePopulator(new ClassPathResource("io/github/etcdlock/guard/schema-h2.sql")).execute(source);
		this.jdbc.execute("create table counter (number int)");
		this.jdbc.execute("create table entry (id varchar(40), number int)");
		this.jdbc.update("insert into counter values (0)");
		try {
			this.server = Server.createTcpServer("-tcpPort", "0").start();
		}
		catch (SQLException ex) {
			throw new IllegalStateException("The database of the chaos suite does not start", ex);
		}
	}

	String url() {
		return "jdbc:h2:tcp://127.0.0.1:" + this.server.getPort() + "/" + MEMORY;
	}

	/** What was written to the database. */
	List<Entry> inDatabase() {
		return this.jdbc.query("select id, number from entry",
				(row, index) -> new Entry(GuardedWrites.IN_DATABASE, row.getString(1), row.getInt(2)));
	}

	/** What was written to etcd. */
	static List<Entry> inEtcd(EtcdContents contents) {
		return contents.under(EtcdLedger.ENTRY)
			.stream()
			.map((entry) -> new Entry(GuardedWrites.IN_ETCD, entry.name().substring(EtcdLedger.ENTRY.length()),
					Integer.parseInt(entry.value())))
			.toList();
	}

	@Override
	public void close() {
		this.server.stop();
		this.jdbc.execute("shutdown");
	}

}
