package io.github.etcdlock.guard;

import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

import io.github.etcdlock.etcd.LeaseManager;
import io.github.etcdlock.guard.PausedHolder.Way;
import io.github.etcdlock.test.ChildJvm;
import io.github.etcdlock.test.EtcdContents;
import io.github.etcdlock.test.EtcdExtension;
import org.h2.jdbcx.JdbcDataSource;
import org.h2.tools.Server;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A process is paused (SIGSTOP) for longer than its TTL, between its look at the locks
 * and its writes; another takes the locks and writes; then the first goes on.
 */
class PausedHolderTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private static final String MEMORY = "mem:paused;DB_CLOSE_DELAY=-1";

	private static final Map<Way, String> late = new EnumMap<>(Way.class);

	private static final Map<Way, String> values = new EnumMap<>(Way.class);

	private static String held;

	private static Server database;

	/** One pause shows all of it. */
	@BeforeAll
	static void pauseAHolderBeyondItsTtl() throws Exception {
		JdbcTemplate jdbc = openDatabase();
		String prefix = etcd.freshPrefix();
		String url = "jdbc:h2:tcp://127.0.0.1:" + database.getPort() + "/" + MEMORY;
		try (ChildJvm child = ChildJvm.start(PausedHolder.class, etcd.endpoint(), prefix, url);
				LeaseManager manager = PausedHolder.manager(etcd.endpoint(), prefix, "successor")) {
			assertThat(child.expect("looked ", Duration.ofSeconds(60))).isEqualTo("true");
			child.pause();
			PausedHolder successor = new PausedHolder(manager, "jdbc:h2:" + MEMORY);
			successor.acquireAll(manager);
			successor.writeAll(prefix, "successor");
			child.resume();
			child.send("go on");
			held = child.expect("held ");
			for (Way way : Way.values()) {
				late.put(way, child.expect("late " + way + " "));
			}
			child.expect("done");
		}
		for (EtcdContents.Key key : etcd.cluster().contents().under(prefix + "-data/")) {
			values.put(Way.valueOf(key.name().substring(key.name().lastIndexOf('/') + 1)), key.value());
		}
		for (Way way : Way.values()) {
			String text = jdbc.queryForObject("select text from account where id = ?", String.class, way.name());
			if (!"none".equals(text)) {
				values.put(way, text);
			}
		}
	}

	private static JdbcTemplate openDatabase() throws SQLException {
		JdbcDataSource source = new JdbcDataSource();
		source.setURL("jdbc:h2:" + MEMORY);
		JdbcTemplate jdbc = new JdbcTemplate(source);
		new ResourceDatabasePopulator(new ClassPathResource("io/github/etcdlock/guard/schema-h2.sql")).execute(source);
		jdbc.execute("create table account (id varchar(40), text varchar(40), token bigint)");
		for (Way way : Way.values()) {
			jdbc.update("insert into account values (?, 'none', 0)", way.name());
		}
		database = Server.createTcpServer("-tcpPort", "0").start();
		return jdbc;
	}

	@AfterAll
	static void closeDatabase() {
		if (database != null) {
			database.stop();
		}
	}

	@Test
	void lockKnowsAtTheFirstLook() {
		assertThat(held).isEqualTo("false");
	}

	@Test
	void withoutAGuardTheLateWriteDestroysTheSuccessors() {
		assertThat(late).containsEntry(Way.ETCD_UNGUARDED, "written").containsEntry(Way.JDBC_UNGUARDED, "written");
		assertThat(values).containsEntry(Way.ETCD_UNGUARDED, "late").containsEntry(Way.JDBC_UNGUARDED, "late");
	}

	@Test
	void etcdGuardRefusesTheLateWrite() {
		assertThat(late).containsEntry(Way.ETCD_GUARD, "LOST");
		assertThat(values).containsEntry(Way.ETCD_GUARD, "successor");
	}

	@Test
	void jdbcFenceRollsTheLateWriteBack() {
		assertThat(late).containsEntry(Way.JDBC_FENCE, "refused");
		assertThat(values).containsEntry(Way.JDBC_FENCE, "successor");
	}

	@Test
	void columnOfOnesOwnRefusesTheLateWrite() {
		assertThat(late).containsEntry(Way.OWN_COLUMN, "refused");
		assertThat(values).containsEntry(Way.OWN_COLUMN, "successor");
	}

}
