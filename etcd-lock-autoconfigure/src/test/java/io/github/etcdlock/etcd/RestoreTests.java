package io.github.etcdlock.etcd;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.etcd.jetcd.api.RangeRequest;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.embedded.EmbeddedEtcd;
import io.github.etcdlock.guard.JdbcFence;
import io.github.etcdlock.test.EtcdContents;
import io.github.etcdlock.test.EtcdExtension;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

/** An operator brings etcd back to an older state, on the same port (rule 17). */
class RestoreTests {

	private static final Duration TTL = Duration.ofSeconds(20);

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@TempDir
	private Path folder;

	private EmbeddedEtcd server;

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	private final Traffic traffic = new Traffic();

	private LockTemplate locks;

	private LockTemplate others;

	@BeforeEach
	void start() throws Exception {
		this.server = EmbeddedEtcd.builder().dataDir(this.folder.resolve("first")).start();
		this.locks = template(this.traffic);
		this.others = template(new Traffic());
		this.locks.acquire("warm").close();
		this.others.acquire("warm").close();
		etcdctl("snapshot", "save", this.folder.resolve("snapshot").toString());
		try (Outsider outsider = new Outsider(this.server.endpoint())) {
			for (int i = 0; i < 100; i++) {
				outsider.put("/after-the-snapshot");
			}
		}
	}

	@AfterEach
	void stop() {
		this.managers.close();
		this.server.close();
	}

	private LockTemplate template(Traffic steered) {
		return this.managers.with().endpoints(List.of(this.server.endpoint())).ttl(TTL).traffic(steered).template();
	}

	private void etcdctl(String... arguments) throws IOException, InterruptedException {
		ProcessBuilder command = etcd.cluster().etcdctl(arguments);
		command.command().set(1, "--endpoints=" + this.server.endpoint());
		Process process = command.start();
		List<String> output = process.inputReader().lines().toList();
		assertThat(process.waitFor()).as(String.join("\n", output)).isZero();
	}

	/**
	 * As it should not be done, though etcdctl knows no better: without --bump-revision.
	 */
	private void restore() throws IOException, InterruptedException {
		this.server.close();
		etcdctl(restoring());
		startRestored();
	}

	private String[] restoring(String... more) {
		return Stream.concat(Stream.of("snapshot", "restore", this.folder.resolve("snapshot").toString(),
				"--data-dir=" + this.folder.resolve("restored"), "--name=embedded",
				"--initial-cluster=embedded=http://localhost:2380",
				"--initial-advertise-peer-urls=http://localhost:2380"), Stream.of(more))
			.toArray(String[]::new);
	}

	private void startRestored() {
		int port = Integer.parseInt(this.server.endpoint().substring(this.server.endpoint().lastIndexOf(':') + 1));
		this.server = EmbeddedEtcd.builder().port(port).dataDir(this.folder.resolve("restored")).start();
	}

	/** As docs/operations.md says. */
	@Test
	void tokensGoOnAfterARestoreThatBumpsTheRevision() throws Exception {
		Path etcdutl = Path.of(etcd.cluster().etcdctl().command().get(0)).resolveSibling("etcdutl");
		assumeThat(etcdutl)
			.as("No etcdutl beside etcdctl: an older provision-etcd.sh left it out, or etcd is before 3.5")
			.isExecutable();
		LockHandle lock = this.locks.acquire("a");
		long token = lock.fencingToken();
		this.server.close();
		ProcessBuilder restore = new ProcessBuilder(etcdutl.toString()).redirectErrorStream(true);
		restore.command().addAll(List.of(restoring("--bump-revision=1000000000", "--mark-compacted")));
		Process process = restore.start();
		List<String> output = process.inputReader().lines().toList();
		int code = process.waitFor();
		assumeThat(output).as("This etcdutl has no --bump-revision").noneMatch((line) -> line.contains("unknown flag"));
		assertThat(code).as(String.join("\n", output)).isZero();
		startRestored();
		await().atMost(TTL).until(() -> !lock.isHeld());
		await().until(() -> canLock(this.locks));
		LockHandle after = this.locks.acquire("a");
		assertThat(after.fencingToken()).isGreaterThan(token);
		assertThat(after.revision()).isGreaterThan(1_000_000_000);
		after.close();
	}

	@Test
	void tokensFallWithoutABumpAndTheFenceRefusesThem() throws Exception {
		JdbcDataSource database = new JdbcDataSource();
		database.setURL("jdbc:h2:mem:restored;DB_CLOSE_DELAY=-1");
		new ResourceDatabasePopulator(new ClassPathResource("io/github/etcdlock/guard/schema-h2.sql"))
			.execute(database);
		TransactionTemplate transactions = new TransactionTemplate(new JdbcTransactionManager(database));
		JdbcFence fence = new JdbcFence(new JdbcTemplate(database));
		LockHandle before = this.locks.acquire("a");
		transactions.executeWithoutResult((status) -> fence.admit(before));
		restore();
		await().until(() -> !before.isHeld() && canLock(this.locks));
		LockHandle after = this.locks.acquire("a");
		assertThat(after.fencingToken()).isLessThan(before.fencingToken());
		assertThatExceptionOfType(LockLostException.class)
			.isThrownBy(() -> transactions.executeWithoutResult((status) -> fence.admit(after)))
			.withMessageContaining("If etcd was restored from a snapshot, its tokens have gone back: raise them, or "
					+ "empty the table etcd_lock_fence");
	}

	@Test
	void lockOfTheTimeAfterTheSnapshotIsLost() throws Exception {
		LockHandle lock = this.locks.acquire("a");
		List<String> lost = new CopyOnWriteArrayList<>();
		lock.onLost(() -> lost.add("lost"));
		restore();
		await().atMost(Duration.ofSeconds(5)).until(() -> lost.size() == 1);
		assertThat(lock.isHeld()).isFalse();
	}

	@Test
	void sessionOfTheTimeAfterTheSnapshotIsLostAtOnce() throws Exception {
		LockHandle lock = template(new Traffic()).acquire("a");
		restore();
		await().atMost(TTL.dividedBy(4)).until(() -> !lock.isHeld());
	}

	@Test
	void sessionsOfTheTimeBeforeAreNeverRenewedAgain() throws Exception {
		LockHandle lock = this.locks.acquire("a");
		restore();
		await().until(() -> canLock(this.locks));
		this.traffic.forget();
		LockHandle again = this.locks.acquire("a");
		await().until(() -> !this.traffic.renewedLeases().isEmpty());
		assertThat(lock.isHeld()).isFalse();
		assertThat(again.isHeld()).isTrue();
		String lease = Long.toHexString(this.traffic.renewedLeases().get(0));
		assertThat(this.traffic.renewedLeases()).hasSize(1);
		assertThat(again.ownershipKeys().get(0)).contains("/" + lease + "-");
		assertThat(lock.ownershipKeys().get(0)).doesNotContain("/" + lease + "-");
	}

	@Test
	void linesThatWereWatchedBeforeAreServedAtOnceAfterwards() throws Exception {
		LockHandle before = this.others.acquire("a");
		CompletableFuture<LockHandle> watcher = this.locks.acquireAsync(LockRequest.of("a"));
		await().until(() -> this.traffic.watches().size() == 2);
		before.close();
		watcher.get(5, TimeUnit.SECONDS).close();
		restore();
		await().until(() -> canLock(this.locks) && canLock(this.others));
		this.traffic.forget();
		for (int i = 0; i < 3; i++) {
			LockHandle lock = this.others.acquire("a");
			CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(LockRequest.of("a"));
			await().until(() -> queued() == 2);
			lock.close();
			waiter.get(3, TimeUnit.SECONDS).close();
		}
		assertThat(this.traffic.sent(RangeRequest.class)).hasSizeLessThan(20);
	}

	@Test
	void waiterOfTheTimeBeforeIsServedAfterwards() throws Exception {
		this.others.acquire("a");
		CompletableFuture<LockHandle> waiter = this.locks
			.acquireAsync(LockRequest.of("a").waitingUpTo(Duration.ofMinutes(1)));
		await().until(() -> queued() == 2);
		restore();
		assertThat(waiter.get(10, TimeUnit.SECONDS).isHeld()).isTrue();
		assertThat(queued()).isEqualTo(1);
	}

	private int queued() {
		return EtcdContents.of(this.server.endpoint()).under(this.managers.line("a")).size();
	}

	private static boolean canLock(LockTemplate template) throws InterruptedException {
		try {
			template.acquire("probe").close();
			return true;
		}
		catch (LockUnavailableException ex) {
			return false;
		}
	}

}
