package io.github.etcdlock.guard;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import javax.sql.DataSource;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.etcd.InProcessLocks;
import org.h2.Driver;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/** What the fence must do on every database. */
abstract class JdbcFenceContract {

	private static final LockMode WRITER = LockMode.EXCLUSIVE;

	private static final LockMode READER = LockMode.SHARED;

	private JdbcTemplate jdbc;

	private TransactionTemplate transactions;

	private JdbcFence fence;

	abstract DataSource dataSource();

	/** The script that makes the table. */
	abstract String schema();

	/** How an identity column is declared. */
	abstract String identity();

	@BeforeEach
	void prepare() {
		DataSource dataSource = dataSource();
		this.jdbc = new JdbcTemplate(dataSource);
		this.transactions = new TransactionTemplate(new JdbcTransactionManager(dataSource));
		this.jdbc.execute("drop table if exists etcd_lock_fence");
		this.jdbc.execute("drop table if exists journal");
		new ResourceDatabasePopulator(new ClassPathResource("io/github/etcdlock/guard/" + schema()))
			.execute(dataSource);
		this.jdbc.execute("create table journal (id " + identity() + ", token bigint)");
		this.fence = new JdbcFence(this.jdbc);
	}

	private void write(LockMode mode, long token) {
		this.transactions.executeWithoutResult((status) -> {
			this.fence.admit("a", mode, token);
			note(token);
		});
	}

	private void note(long token) {
		this.jdbc.update("insert into journal (token) values (?)", token);
	}

	private List<Long> journal() {
		return this.jdbc.queryForList("select token from journal order by id", Long.class);
	}

	private void assertRefused(LockMode mode, long token) {
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> write(mode, token))
			.withMessageContaining("The lock \"a\" with the token " + token + " is not the latest any more")
			.withMessageContaining("restored from a snapshot");
	}

	@Test
	void laterHoldersWriteAndFormerOnesAreRolledBack() {
		write(WRITER, 5);
		write(WRITER, 5);
		write(WRITER, 9);
		assertRefused(WRITER, 5);
		assertRefused(WRITER, 8);
		write(WRITER, 9);
		assertThat(journal()).containsExactly(5L, 5L, 9L, 9L);
	}

	@Test
	void writesBeforeTheRefusalAreRolledBackToo() {
		write(WRITER, 9);
		assertThatExceptionOfType(LockLostException.class)
			.isThrownBy(() -> this.transactions.executeWithoutResult((status) -> {
				note(5);
				this.fence.admit("a", WRITER, 5);
			}));
		assertThat(journal()).containsExactly(9L);
	}

	@Test
	void refusalThatIsSwallowedStillRollsBack() {
		write(WRITER, 9);
		assertThatExceptionOfType(LockLostException.class)
			.isThrownBy(() -> this.transactions.executeWithoutResult((status) -> {
				assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> this.fence.admit("a", WRITER, 5));
				note(5);
			}));
		assertThat(journal()).containsExactly(9L);
	}

	@Test
	void tokenOfAWriteThatWasRolledBackCountsForNothing() {
		this.transactions.executeWithoutResult((status) -> {
			this.fence.admit("a", WRITER, 9);
			status.setRollbackOnly();
		});
		write(WRITER, 5);
		assertThat(journal()).containsExactly(5L);
	}

	@Test
	void readersComeInAnyOrderAmongEachOther() {
		write(READER, 7);
		write(READER, 5);
		write(READER, 8);
		write(READER, 6);
		assertThat(journal()).containsExactly(7L, 5L, 8L, 6L);
	}

	@Test
	void readersBelowTheHighestWriterAreRefused() {
		write(WRITER, 7);
		assertRefused(READER, 6);
		write(READER, 7);
		write(READER, 8);
	}

	@Test
	void writersBelowTheHighestReaderAreRefused() {
		write(READER, 8);
		write(READER, 5);
		assertRefused(WRITER, 7);
		write(WRITER, 9);
		assertRefused(READER, 8);
	}

	@Test
	void keysAreExactAndApart() {
		String longest = "ä".repeat(256);
		for (String key : List.of("a", "A", "a ", "é", "e\u0301", longest)) {
			this.transactions.executeWithoutResult((status) -> this.fence.admit(key, WRITER, 9));
		}
		assertThat(this.jdbc.queryForObject("select count(*) from etcd_lock_fence", Integer.class)).isEqualTo(6);
	}

	@Test
	void oneStaleKeyOfSeveralIsEnough() throws Exception {
		try (InProcessLocks locks = new InProcessLocks(Duration.ofSeconds(1), List.of())) {
			LockHandle lock = locks.lockTemplate().acquire(LockRequest.of("b", "a"));
			this.transactions.executeWithoutResult((status) -> this.fence.admit(lock));
			this.transactions.executeWithoutResult((status) -> this.fence.admit("b", WRITER, 2));
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> this.transactions.executeWithoutResult((status) -> this.fence.admit(lock)))
				.withMessageContaining("\"b\"");
			assertThat(this.jdbc.queryForList("select writer_token from etcd_lock_fence order by lock_key", Long.class))
				.containsExactly(1L, 2L);
		}
	}

	@Test
	void lockThatIsKnownToBeGoneWritesNothing() throws Exception {
		try (InProcessLocks locks = new InProcessLocks(Duration.ofSeconds(1), List.of())) {
			LockHandle lock = locks.lockTemplate().acquire("a");
			lock.close();
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> this.transactions.executeWithoutResult((status) -> this.fence.admit(lock)))
				.withMessage("The lock \"a\" with the token 1 is not held any more: nothing may be written under it");
		}
	}

	@Test
	void transactionOfTheSameDatabaseIsNeeded() {
		assertThatIllegalStateException().isThrownBy(() -> this.fence.admit("a", WRITER, 1))
			.withMessageContaining("needs a transaction, and none is active");
		DataSource other = new SimpleDriverDataSource(new Driver(), "jdbc:h2:mem:other");
		assertThatIllegalStateException()
			.isThrownBy(() -> new TransactionTemplate(new JdbcTransactionManager(other))
				.executeWithoutResult((status) -> this.fence.admit("a", WRITER, 1)))
			.withMessageContaining("the active one is of another");
	}

	@Test
	void connectionWithoutAutoCommitIsNotTakenForATransaction() {
		DelegatingDataSource pool = new DelegatingDataSource(dataSource()) {

			@Override
			public Connection getConnection() throws SQLException {
				Connection connection = super.getConnection();
				connection.setAutoCommit(false);
				return connection;
			}

		};
		JdbcFence fence = new JdbcFence(new JdbcTemplate(pool));
		assertThatIllegalStateException()
			.isThrownBy(() -> this.transactions.executeWithoutResult((status) -> fence.admit("a", WRITER, 1)))
			.withMessageContaining("the active one is of another");
		new TransactionTemplate(new JdbcTransactionManager(pool))
			.executeWithoutResult((status) -> fence.admit("a", WRITER, 9));
		assertRefused(WRITER, 5);
	}

	@Test
	void transactionAwareDataSourceIsInTheTransactionOfItsTarget() {
		TransactionAwareDataSourceProxy aware = new TransactionAwareDataSourceProxy(this.jdbc.getDataSource());
		JdbcFence fence = new JdbcFence(new JdbcTemplate(aware));
		this.transactions.executeWithoutResult((status) -> fence.admit("a", WRITER, 9));
		assertRefused(WRITER, 5);
	}

	@ParameterizedTest
	@ValueSource(ints = { TransactionDefinition.ISOLATION_READ_COMMITTED,
			TransactionDefinition.ISOLATION_REPEATABLE_READ, TransactionDefinition.ISOLATION_SERIALIZABLE })
	void whatIsReadAfterTheFenceIsWhatTheFormerHolderHasWritten(int isolation) throws Exception {
		write(WRITER, 1);
		this.jdbc.execute("drop table if exists counter");
		this.jdbc.execute("create table counter (n int)");
		this.jdbc.update("insert into counter (n) values (0)");
		this.transactions.setIsolationLevel(isolation);
		CountDownLatch coming = new CountDownLatch(1);
		FutureTask<Boolean> successor = new FutureTask<>(() -> {
			coming.countDown();
			return count(3, () -> {
			});
		});
		boolean first = count(2, () -> {
			new Thread(successor, "successor").start();
			coming.await();
			await().during(Duration.ofMillis(200)).until(() -> !successor.isDone());
		});
		assertThat(first).isTrue();
		int counted = 1 + (successor.get(30, TimeUnit.SECONDS) ? 1 : 0);
		assertThat(this.jdbc.queryForObject("select n from counter", Integer.class)).isEqualTo(counted);
	}

	/** Reads, and writes what it has read, unless the database refuses. */
	private boolean count(long token, Executable meanwhile) {
		try {
			this.transactions.executeWithoutResult((status) -> {
				this.fence.admit("a", WRITER, token);
				Integer n = this.jdbc.queryForObject("select n from counter", Integer.class);
				try {
					meanwhile.execute();
				}
				catch (Throwable ex) {
					throw new IllegalStateException(ex);
				}
				this.jdbc.update("update counter set n = ?", n + 1);
			});
			return true;
		}
		catch (ConcurrencyFailureException ex) {
			return false;
		}
	}

	@Test
	void missingTableIsNamedWithTheScriptsThatMakeIt() {
		JdbcFence nowhere = new JdbcFence(this.jdbc, "nowhere");
		assertThatIllegalStateException()
			.isThrownBy(() -> this.transactions.executeWithoutResult((status) -> nowhere.admit("a", WRITER, 1)))
			.withMessageContaining("cannot use its table nowhere")
			.withMessageContaining("schema-postgresql.sql");
		assertThatIllegalArgumentException().isThrownBy(() -> new JdbcFence(this.jdbc, "a; drop table b"))
			.withMessageContaining("letters, digits and underscores");
	}

	@ParameterizedTest
	@ValueSource(ints = { TransactionDefinition.ISOLATION_READ_COMMITTED,
			TransactionDefinition.ISOLATION_REPEATABLE_READ, TransactionDefinition.ISOLATION_SERIALIZABLE })
	void crowdAtAFreshKeyWritesInTheOrderOfItsTokens(int isolation) throws Exception {
		this.transactions.setIsolationLevel(isolation);
		int crowd = 6;
		CyclicBarrier together = new CyclicBarrier(crowd);
		List<CompletableFuture<Map<String, Integer>>> all = new ArrayList<>();
		IntStream.range(0, crowd).forEach((i) -> all.add(CompletableFuture.supplyAsync(() -> {
			int committed = 0;
			int refused = 0;
			for (int round = 1; round <= 8; round++) {
				try {
					together.await(20, TimeUnit.SECONDS);
				}
				catch (Exception ex) {
					throw new IllegalStateException(ex);
				}
				long token = round * 100L + i;
				try {
					write(WRITER, token);
					committed++;
				}
				catch (LockLostException | ConcurrencyFailureException ex) {
					refused++;
				}
			}
			return Map.of("committed", committed, "refused", refused);
		}, (task) -> new Thread(task, "crowd").start())));
		int committed = 0;
		for (CompletableFuture<Map<String, Integer>> one : all) {
			committed += one.get(60, TimeUnit.SECONDS).get("committed");
		}
		assertThat(journal()).isSorted().hasSize(committed).hasSizeGreaterThanOrEqualTo(8);
	}

}
