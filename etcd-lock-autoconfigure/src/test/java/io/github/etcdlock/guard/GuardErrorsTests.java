package io.github.etcdlock.guard;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

import javax.sql.DataSource;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.docs.ErrorTable;
import io.github.etcdlock.etcd.EtcdConnection;
import io.github.etcdlock.etcd.InProcessLocks;
import io.github.etcdlock.etcd.LeaseManager;
import io.github.etcdlock.etcd.LockSettings;
import io.github.etcdlock.test.EtcdExtension;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static java.util.Map.entry;

/** Every wrong use of a guard or a fence of docs/errors.md. */
class GuardErrorsTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private final String prefix = etcd.freshPrefix();

	@AutoClose
	private final LeaseManager manager = new LeaseManager(
			new EtcdConnection(List.of(etcd.endpoint().replace("http://", "")), null, null, null,
					Duration.ofSeconds(1)),
			new LockSettings(this.prefix, Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(10),
					Duration.ofSeconds(1), "test"),
			List.of());

	@AutoClose
	private final InProcessLocks inProcess = new InProcessLocks(Duration.ofSeconds(1), List.of());

	@Test
	void wrongUseIsNamedWithItsCure() throws Exception {
		EtcdGuard guard = EngineGuard.on(this.manager, Duration.ofSeconds(30));
		LockHandle lock = this.manager.lockTemplate().acquire("a");
		LockHandle ofThisProcess = this.inProcess.lockTemplate().acquire("a");
		GuardedWrite committed = guard.write(lock).put(this.prefix + "-k", "v");
		committed.commit();
		GuardedWrite full = guard.write(lock);
		IntStream.range(0, 127).forEach((number) -> full.put("k" + number, "v"));
		JdbcTemplate jdbc = new JdbcTemplate(database());
		TransactionTemplate transaction = new TransactionTemplate(
				new JdbcTransactionManager(Objects.requireNonNull(jdbc.getDataSource())));
		TransactionTemplate another = new TransactionTemplate(new JdbcTransactionManager(database()));
		JdbcFence fence = new JdbcFence(jdbc);
		Map<String, ThrowingCallable> calls = Map.ofEntries(entry("guard.write(null)", () -> guard.write(null)),
				entry("guard.write(ofThisProcess)", () -> guard.write(ofThisProcess)),
				entry("guard.write(lock).put(\"k\", null)", () -> guard.write(lock).put("k", null)),
				entry("guard.write(lock).delete(\"\")", () -> guard.write(lock).delete("")),
				entry("guard.write(lock).delete(lock.ownershipKeys().get(0))",
						() -> guard.write(lock).delete(lock.ownershipKeys().get(0))),
				entry("guard.write(lock).put(\"k\", \"v\").delete(\"k\")",
						() -> guard.write(lock).put("k", "v").delete("k")),
				entry("guard.write(lock).commit()", () -> guard.write(lock).commit()),
				entry("guard.write(lock).put(\"k\", \"v\").resolve()", () -> guard.write(lock).put("k", "v").resolve()),
				entry("committed.commit()", committed::commit),
				entry("committed.put(\"l\", \"v\")", () -> committed.put("l", "v")),
				entry("full.put(\"one too many\", \"v\")", () -> full.put("one too many", "v")),
				entry("new JdbcFence(jdbc, \"a table\")", () -> new JdbcFence(jdbc, "a table")),
				entry("fence.admit(\"a\", LockMode.EXCLUSIVE, 1)", () -> fence.admit("a", LockMode.EXCLUSIVE, 1)),
				entry("transaction.executeWithoutResult((status) -> fenceWithoutTable.admit(lock))",
						() -> transaction.executeWithoutResult((status) -> fence.admit(lock))),
				entry("ofAnotherDatabase.executeWithoutResult((status) -> fence.admit(lock))",
						() -> another.executeWithoutResult((status) -> fence.admit(lock))));
		ErrorTable.check("Guards and fences", calls);
	}

	private static DataSource database() {
		JdbcDataSource source = new JdbcDataSource();
		source.setURL("jdbc:h2:mem:");
		return source;
	}

}
