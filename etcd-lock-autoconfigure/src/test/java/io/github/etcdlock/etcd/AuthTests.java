package io.github.etcdlock.etcd;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.test.EtcdCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/** An etcd that asks for a user, and soon forgets the tokens it gave. */
class AuthTests {

	/** A token that was not used for so long is refused. */
	private static final Duration TOKEN_TTL = Duration.ofSeconds(1);

	private static EtcdCluster cluster;

	private Managers managers;

	@BeforeAll
	static void startCluster() throws Exception {
		cluster = EtcdCluster.builder().arguments("--auth-token-ttl=" + TOKEN_TTL.toSeconds()).start();
		etcdctl("user", "add", "root:root");
		etcdctl("user", "grant-role", "root", "root");
		etcdctl("role", "add", "locks");
		etcdctl("role", "grant-permission", "locks", "readwrite", "--prefix=true", "/test-");
		etcdctl("user", "add", "app:secret");
		etcdctl("user", "grant-role", "app", "locks");
		etcdctl("user", "add", "stranger:secret");
	}

	@AfterAll
	static void stopCluster() {
		cluster.close();
	}

	@BeforeEach
	void enable() throws Exception {
		this.managers = new Managers(cluster);
		etcdctl("auth", "enable");
	}

	@AfterEach
	void disable() throws Exception {
		this.managers.close();
		etcdctl("--user=root:root", "auth", "disable");
	}

	private static void etcdctl(String... arguments) throws IOException, InterruptedException {
		Process process = cluster.etcdctl(arguments).start();
		List<String> output = process.inputReader().lines().toList();
		assertThat(process.waitFor()).as(String.join("\n", output)).isZero();
	}

	private LockTemplate app() {
		return this.managers.with().user("app", "secret").template();
	}

	/** Long enough for etcd to forget every token that is not used. */
	private static void idle() {
		long start = System.nanoTime();
		await().pollDelay(TOKEN_TTL.multipliedBy(3))
			.until(() -> System.nanoTime() - start > TOKEN_TTL.multipliedBy(3).toNanos());
	}

	@Test
	void userWithPermissionLocks() throws Exception {
		LockTemplate locks = app();
		LockHandle lock = locks.acquire("a");
		CompletableFuture<LockHandle> waiter = app().acquireAsync(LockRequest.of("a"));
		assertThat(lock.isHeld()).isTrue();
		lock.close();
		assertThat(waiter.get(5, TimeUnit.SECONDS).isHeld()).isTrue();
	}

	@Test
	void wrongPasswordIsSaidInTime() {
		LockTemplate locks = this.managers.with().user("app", "guess").template();
		long start = System.nanoTime();
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> locks.acquire("a"))
			.withMessageContaining("authentication failed")
			.withMessageNotContaining("guess");
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
	}

	@Test
	void missingPermissionIsSaidAtOnce() {
		LockTemplate locks = this.managers.with().user("stranger", "secret").template();
		long start = System.nanoTime();
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> locks.acquire("a"))
			.withMessageContaining("permission denied");
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
	}

	@Test
	void missingUserIsSaidAtOnce() {
		LockTemplate locks = this.managers.template();
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> locks.acquire("a"))
			.withMessageContaining("user name is empty");
	}

	@Test
	void expiredTokenCostsNoLock() throws Exception {
		LockTemplate locks = app();
		LockHandle lock = locks.acquire("a");
		idle();
		long start = System.nanoTime();
		lock.close();
		locks.acquire("a").close();
		locks.acquire("b").close();
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
	}

	@Test
	void waiterWithAnExpiredTokenIsServed() throws Exception {
		LockTemplate locks = app();
		LockTemplate others = app();
		locks.acquire("warm").close();
		LockHandle lock = others.acquire("a");
		idle();
		CompletableFuture<LockHandle> waiter = locks.acquireAsync(LockRequest.of("a"));
		idle();
		lock.close();
		assertThat(waiter.get(3, TimeUnit.SECONDS).isHeld()).isTrue();
	}

	@Test
	void manyWaitersWithAnExpiredTokenAreServed() throws Exception {
		Traffic traffic = new Traffic();
		LockTemplate locks = this.managers.with().user("app", "secret").traffic(traffic).template();
		LockTemplate others = app();
		locks.acquire("warm").close();
		List<LockHandle> held = new ArrayList<>();
		List<CompletableFuture<LockHandle>> waiters = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			held.add(others.acquire("a" + i));
		}
		idle();
		for (int i = 0; i < 20; i++) {
			waiters.add(locks.acquireAsync(LockRequest.of("a" + i)));
		}
		idle();
		held.forEach(LockHandle::close);
		for (CompletableFuture<LockHandle> waiter : waiters) {
			assertThat(waiter.get(3, TimeUnit.SECONDS).isHeld()).isTrue();
		}
		assertThat(traffic.watchStreams()).isLessThanOrEqualTo(4);
	}

	@Test
	void restartThatForgetsTheTokensLosesNothing() throws Exception {
		LockTemplate locks = app();
		LockTemplate others = app();
		LockHandle lock = others.acquire("a");
		CompletableFuture<LockHandle> waiter = locks.acquireAsync(LockRequest.of("a"));
		locks.acquire("b").close();
		cluster.kill(0);
		cluster.restart(0);
		assertThat(lock.isHeld()).isTrue();
		lock.close();
		assertThat(waiter.get(5, TimeUnit.SECONDS).isHeld()).isTrue();
	}

}
