package io.github.etcdlock.etcd;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import io.etcd.jetcd.api.RangeRequest;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.embedded.EmbeddedEtcd;
import io.github.etcdlock.test.EtcdContents;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
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

	/** Without --bump-revision, which etcd 3.5 does not have. */
	private void restore() throws IOException, InterruptedException {
		int port = Integer.parseInt(this.server.endpoint().substring(this.server.endpoint().lastIndexOf(':') + 1));
		Path restored = this.folder.resolve("restored");
		this.server.close();
		etcdctl("snapshot", "restore", this.folder.resolve("snapshot").toString(), "--data-dir=" + restored,
				"--name=embedded", "--initial-cluster=embedded=http://localhost:2380",
				"--initial-advertise-peer-urls=http://localhost:2380");
		this.server = EmbeddedEtcd.builder().port(port).dataDir(restored).start();
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
