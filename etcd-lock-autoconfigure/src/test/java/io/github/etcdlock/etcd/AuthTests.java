package io.github.etcdlock.etcd;

import java.io.IOException;
import java.io.Writer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.TxnRequest;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.recipe.DistributedQueue;
import io.github.etcdlock.recipe.EtcdKey;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.EtcdTransaction;
import io.github.etcdlock.recipe.EtcdTransactions;
import io.github.etcdlock.recipe.LeaderElection;
import io.github.etcdlock.recipe.ServiceInstance;
import io.github.etcdlock.recipe.ServiceRegistration;
import io.github.etcdlock.recipe.WatchedValue;
import io.github.etcdlock.recipe.WorkItem;
import io.github.etcdlock.recipe.WorkQueue;
import io.github.etcdlock.test.EtcdCluster;
import io.grpc.Metadata;
import io.grpc.Status;
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

	private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

	/** Of leases that are renewed. */
	private static final Duration TTL = Duration.ofSeconds(6);

	private static EtcdCluster cluster;

	private Managers managers;

	@BeforeAll
	static void startCluster() throws Exception {
		cluster = EtcdCluster.builder()
			.arguments("--auth-token-ttl=" + TOKEN_TTL.toSeconds(), "--bcrypt-cost=4")
			.start();
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

	private static List<String> etcdctl(String... arguments) throws IOException, InterruptedException {
		return etcdctl("", arguments);
	}

	private static List<String> etcdctl(String input, String[] arguments) throws IOException, InterruptedException {
		Process process = cluster.etcdctl(arguments).start();
		try (Writer in = process.outputWriter()) {
			in.write(input);
		}
		List<String> output = process.inputReader().lines().toList();
		assertThat(process.waitFor()).as(String.join("\n", output)).isZero();
		return output;
	}

	/** What stands in a lock's line, as only root may see it. */
	private List<String> queued(String key) throws IOException, InterruptedException {
		return etcdctl("--user=root:root", "get", "--prefix", "--keys-only", this.managers.line(key)).stream()
			.filter((line) -> !line.isEmpty())
			.toList();
	}

	private LockTemplate app() {
		return this.managers.with().user("app", "secret").template();
	}

	private LockHandle held(Traffic traffic) throws InterruptedException {
		return this.managers.with()
			.user("app", "secret")
			.ttl(TTL)
			.requestTimeout(Duration.ofSeconds(3))
			.traffic(traffic)
			.template()
			.acquire("a");
	}

	/** Waits until etcd has answered a renewal that was sent after this time. */
	private static void awaitRenewal(LockHandle lock, Duration heldFor) {
		Duration end = heldFor.plus(TTL);
		await().until(() -> lock.heldFor().plusNanos(((HeldLock) lock).provenFor()).compareTo(end) > 0);
	}

	private static long tokens(Traffic traffic) {
		return traffic.renewalStreams().stream().map((headers) -> headers.get(TOKEN)).distinct().count();
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
		assertThat(waiter.get(10, TimeUnit.SECONDS).isHeld()).isTrue();
	}

	@Test
	void wrongPasswordIsSaidInTime() {
		LockTemplate locks = this.managers.with().user("app", "guess").template();
		long start = System.nanoTime();
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> locks.acquire("a"))
			.withMessageContaining("authentication failed")
			.withMessageNotContaining("guess");
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
	}

	@Test
	void missingPermissionIsSaidAtOnce() {
		LockTemplate locks = this.managers.with().user("stranger", "secret").template();
		long start = System.nanoTime();
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> locks.acquire("a"))
			.withMessageContaining("permission denied");
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
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
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
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
		assertThat(waiter.get(10, TimeUnit.SECONDS).isHeld()).isTrue();
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
			assertThat(waiter.get(10, TimeUnit.SECONDS).isHeld()).isTrue();
		}
		assertThat(traffic.watchStreams()).isLessThanOrEqualTo(4);
	}

	@Test
	void watchedValueSurvivesAnExpiredTokenAndAForgottenOne() throws Exception {
		EtcdKey<String> key = EtcdKey.of(this.managers.prefix() + "-settings/limit", String.class);
		EtcdTransactions writer = this.managers.with()
			.user("app", "secret")
			.start()
			.recipes(Managers.TEXT)
			.transactions();
		writer.commit(EtcdTransaction.when().then(key.put("1")));
		try (WatchedValue<String> limit = this.managers.with()
			.user("app", "secret")
			.start()
			.recipes(Managers.TEXT)
			.watched(key.name(), String.class)) {
			assertThat(limit.get()).contains("1");
			idle();
			writer.commit(EtcdTransaction.when().then(key.put("2")));
			assertThat(limit.awaitValue("2"::equals, Duration.ofSeconds(5))).contains("2");
			cluster.kill(0);
			cluster.restart(0);
			writer.commit(EtcdTransaction.when().then(key.put("3")));
			assertThat(limit.awaitValue("3"::equals, Duration.ofSeconds(10))).contains("3");
		}
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
		assertThat(waiter.get(10, TimeUnit.SECONDS).isHeld()).isTrue();
	}

	@Test
	void everyOperationSurvivesATokenThatIsNoLongerValid() throws Exception {
		LeaseManager manager = this.managers.with().user("app", "secret").start();
		LockTemplate locks = manager.lockTemplate();
		afterForgetting(manager::probe);
		LockHandle lock = afterForgetting(() -> locks.acquire("a"));
		afterForgetting(() -> assertThat(locks.tryAcquire("a")).isEmpty());
		LockHandle several = afterForgetting(() -> locks.acquire(LockRequest.of("b", "c")));
		afterForgetting(several::downgrade);
		LockHandle reader = afterForgetting(() -> locks.acquire(LockRequest.of("b").shared()));
		afterForgetting(reader::close);
		LockHandle tried = afterForgetting(
				() -> locks.tryAcquire(LockRequest.of("d", "e").shared().withTtl(Duration.ofSeconds(60))))
			.orElseThrow();
		String key = lock.ownershipKeys().get(0);
		long revision = lock.revision();
		assertThat(afterForgetting(() -> manager.requestRevocation(key, revision).get(5, TimeUnit.SECONDS))).isTrue();
		CompletableFuture<LockHandle> waiter = locks.acquireAsync(LockRequest.of("a"));
		afterForgetting(lock::close);
		LockHandle next = waiter.get(10, TimeUnit.SECONDS);
		next.holdAtLeast(Duration.ofSeconds(2));
		afterForgetting(next::close);
		afterForgetting(several::close);
		afterForgetting(manager::close);
		assertThat(List.of(lock, several, reader, tried, next)).noneMatch((each) -> ((HeldLock) each).loss() != null);
		assertThat(queued("b")).isEmpty();
		assertThat(queued("d")).isEmpty();
	}

	@Test
	void everyRecipeSurvivesATokenThatIsNoLongerValid() throws Exception {
		LeaseManager manager = this.managers.with().user("app", "secret").start();
		EtcdRecipes recipes = manager.recipes(Managers.TEXT);
		DistributedQueue<String> queue = recipes.queue("q", String.class);
		afterForgetting(() -> queue.offer("1"));
		assertThat(afterForgetting(() -> queue.poll(Duration.ofSeconds(5)))).contains("1");
		WorkQueue<String> work = recipes.workQueue("w", String.class);
		afterForgetting(() -> work.offer("2"));
		WorkItem<String> item = afterForgetting(() -> work.receive(Duration.ofSeconds(5))).orElseThrow();
		afterForgetting(item::ack);
		LeaderElection election = recipes.election("e");
		LockHandle term = afterForgetting(() -> election.campaign("me"));
		assertThat(afterForgetting(election::leader)).contains("me");
		afterForgetting(term::close);
		LockHandle permit = afterForgetting(() -> recipes.semaphore("s", 2).acquire());
		afterForgetting(permit::close);
		afterForgetting(() -> recipes.latch("l", 1).countDown());
		assertThat(afterForgetting(() -> recipes.latch("l", 1).await(Duration.ofSeconds(5)))).isTrue();
		assertThat(afterForgetting(() -> recipes.counter("c").addAndGet(3))).isEqualTo(3);
		EtcdKey<String> key = EtcdKey.of(this.managers.prefix() + "-settings/limit", String.class);
		afterForgetting(() -> recipes.transactions().commit(EtcdTransaction.when().then(key.put("1"))));
		Optional<String> read = afterForgetting(() -> recipes.transactions().run((memory) -> memory.get(key)));
		assertThat(read).contains("1");
		ServiceRegistration instance = afterForgetting(
				() -> recipes.registry().register(ServiceInstance.of("shop", "host", 80)));
		assertThat(afterForgetting(() -> recipes.registry().services())).containsKey("shop");
		afterForgetting(instance::close);
		afterForgetting(() -> assertThat(recipes.discovery("shop").instances()).isEmpty());
		LockHandle lock = manager.lockTemplate().acquire("a");
		assertThat(afterForgetting(() -> manager.census().read(null, 10).get(5, TimeUnit.SECONDS)).lines()).hasSize(1);
		afterForgetting(lock::close);
		GuardedTransactions guarded = manager.guardedTransactions(Duration.ofSeconds(60));
		assertThat(afterForgetting(() -> guarded.lease().get(5, TimeUnit.SECONDS))).isPositive();
		afterForgetting(manager::close);
	}

	private <T> T afterForgetting(Callable<T> operation) throws Exception {
		etcdctl("secret\n", new String[] { "--user=root:root", "user", "passwd", "app", "--interactive=false" });
		return operation.call();
	}

	private void afterForgetting(Step operation) throws Exception {
		afterForgetting(() -> {
			operation.run();
			return true;
		});
	}

	private interface Step {

		void run() throws Exception;

	}

	@Test
	void renewalsAreTheUsersToo() throws Exception {
		Traffic traffic = new Traffic();
		LockHandle lock = held(traffic);
		awaitRenewal(lock, lock.heldFor());
		awaitRenewal(lock, lock.heldFor());
		assertThat(lock.isHeld()).isTrue();
		assertThat(traffic.renewalStreams()).isNotEmpty().allMatch((headers) -> headers.containsKey(TOKEN));
	}

	@Test
	void renewalsGoOnWithATokenThatIsValid() throws Exception {
		Traffic traffic = new Traffic();
		LockHandle lock = held(traffic);
		await().until(() -> !traffic.renewedLeases().isEmpty());
		long before = tokens(traffic);
		afterForgetting(() -> traffic
			.endRenewalStream(Status.UNAUTHENTICATED.withDescription("etcdserver: invalid auth token")));
		Duration ended = lock.heldFor();
		await().until(() -> tokens(traffic) > before);
		awaitRenewal(lock, ended);
		assertThat(lock.isHeld()).isTrue();
	}

	@Test
	void refusedRenewalIsTheCauseOfTheLoss() throws Exception {
		Traffic traffic = new Traffic();
		traffic.renewals().shut();
		LockHandle lock = held(traffic);
		await().until(() -> !traffic.renewedLeases().isEmpty());
		traffic.endRenewalStream(Status.PERMISSION_DENIED.withDescription("etcdserver: permission denied"));
		await().untilAsserted(() -> assertThat(((HeldLock) lock).loss()).contains("permission denied"));
		assertThat(lock.isHeld()).isFalse();
		traffic.forget();
		await().during(Duration.ofMillis(300)).until(() -> traffic.renewedLeases().isEmpty());
	}

	@Test
	void refusedWatchDisturbsNoOther() throws Exception {
		Traffic traffic = new Traffic();
		LeaseManager manager = this.managers.with().user("app", "secret").traffic(traffic).start();
		LockHandle lock = app().acquire("a");
		CompletableFuture<LockHandle> waiter = manager.lockTemplate().acquireAsync(LockRequest.of("a"));
		await().until(() -> queued("a").size() == 2);
		String key = "/other" + this.managers.prefix();
		try (WatchedValue<String> value = manager.recipes(Managers.TEXT).watched(key, String.class)) {
			for (int i = 0; i < 3; i++) {
				assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(value::get)
					.withMessageContaining(key)
					.withMessageContaining("etcdserver: permission denied");
			}
			traffic.forget();
			await().during(Duration.ofSeconds(1)).until(() -> traffic.watches().size() <= 1);
			lock.close();
			assertThat(waiter.get(10, TimeUnit.SECONDS).isHeld()).isTrue();
			assertThat(traffic.watchStreams()).as("one, and another when its token was too old").isLessThanOrEqualTo(3);
			etcdctl("--user=root:root", "role", "grant-permission", "locks", "read", key);
			assertThat(value.get()).isEmpty();
			assertThat(traffic.sent(AuthenticateRequest.class)).hasSizeLessThan(5);
		}
		finally {
			etcdctl("--user=root:root", "role", "revoke-permission", "locks", key);
		}
	}

	@Test
	void whoWatchesWithAWrongPasswordIsToldSo() {
		Traffic traffic = new Traffic();
		try (WatchedValue<String> value = this.managers.with()
			.user("app", "guess")
			.traffic(traffic)
			.start()
			.recipes(Managers.TEXT)
			.watched(this.managers.prefix() + "-limit", String.class)) {
			for (int i = 0; i < 2; i++) {
				assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(value::get)
					.withMessageContaining("authentication failed");
			}
			assertThat(traffic.sent(AuthenticateRequest.class)).hasSizeLessThan(5);
		}
	}

	@Test
	void consumerIsToldThatTheRoleIsGone() throws Exception {
		Traffic traffic = new Traffic();
		DistributedQueue<String> queue = this.managers.with()
			.user("app", "secret")
			.traffic(traffic)
			.start()
			.recipes(Managers.TEXT)
			.queue("q", String.class);
		assertThat(queue.poll(Duration.ZERO)).isEmpty();
		CompletableFuture<Optional<String>> consumer = CompletableFuture.supplyAsync(() -> {
			try {
				return queue.poll(Duration.ofSeconds(20));
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		});
		etcdctl("--user=root:root", "user", "revoke-role", "app", "locks");
		try {
			traffic.endWatchStream(Fault.LOST);
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> consumer.get(15, TimeUnit.SECONDS))
				.withCauseInstanceOf(LockUnavailableException.class)
				.withMessageContaining("permission denied");
			traffic.forget();
			await().during(Duration.ofSeconds(1)).until(() -> traffic.count((message) -> true) <= 2);
			assertThat(traffic.watchStreams()).isBetween(2, 4);
		}
		finally {
			etcdctl("--user=root:root", "user", "grant-role", "app", "locks");
		}
		assertThat(queue.poll(Duration.ZERO)).isEmpty();
	}

	@Test
	void membersAnswerUsersWhoAreNotRoot() throws Exception {
		LeaseManager manager = this.managers.with().user("app", "secret").start();
		for (int i = 0; i < 2; i++) {
			assertThat(afterForgetting(() -> manager.members(Duration.ofSeconds(5)).get(5, TimeUnit.SECONDS)))
				.allMatch((member) -> member.problem() == null)
				.hasSize(1);
		}
		List<MemberStatus> refused = this.managers.with()
			.user("app", "guess")
			.start()
			.members(Duration.ofSeconds(5))
			.get(5, TimeUnit.SECONDS);
		assertThat(refused.get(0).problem()).contains("authentication failed");
	}

	@Test
	void locksAreLostWhenTheirReleaseIsNoLongerAllowed() throws Exception {
		Traffic traffic = new Traffic();
		LeaseManager manager = this.managers.with()
			.user("app", "secret")
			.ttl(TTL)
			.requestTimeout(Duration.ofSeconds(3))
			.traffic(traffic)
			.start();
		LockTemplate locks = manager.lockTemplate();
		LockHandle other = locks.acquire("b");
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> locks.executeWithoutResult("a", (lock) -> {
			etcdctl("--user=root:root", "user", "revoke-role", "app", "locks");
			other.close();
			await().until(() -> !lock.isHeld());
		})).withMessageContaining("etcd refuses access to its keys (PERMISSION_DENIED: etcdserver: permission denied)");
		await().until(() -> !traffic.sent(LeaseRevokeRequest.class).isEmpty() && manager.engine().reaper().open() == 0);
		traffic.forget();
		await().atMost(TTL.plusSeconds(10)).until(() -> queued("a").isEmpty());
		assertThat(queued("b")).isEmpty();
		assertThat(traffic.count((message) -> message instanceof TxnRequest || message instanceof LeaseRevokeRequest))
			.isZero();
		assertThat(traffic.renewedLeases()).isEmpty();
		assertThat(traffic.count((message) -> true)).as("a watch that was refused is asked for once more")
			.isLessThanOrEqualTo(10);
		etcdctl("--user=root:root", "user", "grant-role", "app", "locks");
		assertThat(locks.acquire("a").isHeld()).isTrue();
	}

	@Test
	void withdrawnRightsAreNoticedWhileLocksAreHeld() throws Exception {
		SteeredClock clock = new SteeredClock();
		LockTemplate locks = this.managers.with()
			.user("app", "secret")
			.ttl(Duration.ofSeconds(120))
			.clock(clock)
			.template();
		LockHandle held = locks.acquire("a");
		CompletableFuture<LockHandle> waiter = app().acquireAsync(LockRequest.of("a"));
		await().until(() -> queued("a").size() == 2);
		clock.leap(Duration.ofSeconds(31));
		assertThat(held.isHeld()).isTrue();
		etcdctl("--user=root:root", "user", "revoke-role", "app", "locks");
		try {
			clock.leap(Duration.ofSeconds(61));
			await().untilAsserted(() -> assertThat(((HeldLock) held).loss()).contains("permission denied"));
			assertThat(held.isHeld()).isFalse();
		}
		finally {
			etcdctl("--user=root:root", "user", "grant-role", "app", "locks");
		}
		waiter.cancel(true);
	}

}
