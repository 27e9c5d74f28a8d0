package io.github.etcdlock.guard;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.api.TxnResponse;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.etcd.EtcdConnection;
import io.github.etcdlock.etcd.InProcessLocks;
import io.github.etcdlock.etcd.LeaseManager;
import io.github.etcdlock.etcd.LockSettings;
import io.github.etcdlock.test.EtcdContents;
import io.github.etcdlock.test.EtcdExtension;
import io.github.etcdlock.test.TcpProxy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/** Writes that etcd carries out only while the lock is held. */
class EtcdGuardTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private String prefix;

	private String data;

	private LeaseManager manager;

	private LossyTransport transport;

	private EtcdGuard guard;

	@BeforeEach
	void prepare() {
		this.prefix = etcd.freshPrefix();
		this.data = this.prefix + "-data/";
		this.manager = manager(List.of(etcd.endpoint()), Duration.ofSeconds(10));
		this.transport = new LossyTransport(EngineGuard.transport(this.manager, Duration.ofMinutes(5)));
		this.guard = new EtcdGuard(this.transport);
	}

	private LeaseManager manager(List<String> endpoints, Duration requestTimeout) {
		EtcdConnection connection = new EtcdConnection(
				endpoints.stream().map((endpoint) -> endpoint.replace("http://", "")).toList(), null, null, null,
				Duration.ofSeconds(1));
		return new LeaseManager(connection, new LockSettings(this.prefix, Duration.ofSeconds(10),
				Duration.ofSeconds(30), requestTimeout, Duration.ofSeconds(1), "test"), List.of());
	}

	@AfterEach
	void leaveNothing() {
		this.manager.close();
		assertThat(etcd.cluster().contents().under(this.prefix + "/")).isEmpty();
	}

	private LockHandle acquire(String... keys) throws InterruptedException {
		return this.manager.lockTemplate().acquire(LockRequest.of(keys));
	}

	private Optional<String> value(String key) {
		return etcd.cluster().contents().under(this.data + key).stream().map(EtcdContents.Key::value).findFirst();
	}

	private List<EtcdContents.Key> markers() {
		return etcd.cluster().contents().under(this.prefix + "/.guards/");
	}

	private void takeAway(LockHandle lock) {
		this.manager.forceRelease(lock.ownershipKeys().get(0), lock.revision()).join();
		await().until(() -> !lock.isHeld());
	}

	@Test
	void everythingIsWrittenAtOnceWhileTheLockIsHeld() throws Exception {
		LockHandle lock = acquire("a");
		assertThat(this.guard.write(lock).put(this.data + "old", "1").commit()).isEqualTo(GuardOutcome.COMMITTED);
		GuardedWrite write = this.guard.write(lock)
			.put(this.data + "x", "2")
			.put(this.data + "y", "3")
			.delete(this.data + "old");
		assertThat(write.commit()).isEqualTo(GuardOutcome.COMMITTED);
		assertThat(value("x")).contains("2");
		assertThat(value("y")).contains("3");
		assertThat(value("old")).isEmpty();
		List<EtcdContents.Key> written = etcd.cluster().contents().under(this.data);
		assertThat(written).extracting(EtcdContents.Key::modRevision)
			.hasSize(2)
			.containsOnly(written.get(0).modRevision());
	}

	@Test
	void keyMayHangOnALeaseOfTheCallers() throws Exception {
		long lease = this.transport.lease().join();
		ByteSequence key = ByteSequence.from((this.data + "x").getBytes());
		assertThat(this.guard.write(acquire("a")).put(key, key, lease).commit()).isEqualTo(GuardOutcome.COMMITTED);
		assertThat(etcd.cluster().contents().under(this.data)).extracting(EtcdContents.Key::lease)
			.containsExactly(lease);
	}

	@Test
	void holderThatKnowsOfItsLossAsksNobody() throws Exception {
		LockHandle lock = acquire("a");
		GuardedWrite write = this.guard.write(lock).put(this.data + "x", "1");
		lock.close();
		long before = etcd.cluster().contents().revision();
		assertThat(write.commit()).isEqualTo(GuardOutcome.LOST);
		assertThat(write.resolve()).isEqualTo(GuardOutcome.LOST);
		assertThat(etcd.cluster().contents().revision()).isEqualTo(before);
	}

	@Test
	void etcdRefusesTheWriteOfAHolderThatDoesNotKnow() throws Exception {
		LockHandle lock = acquire("a");
		LockHandle unsuspecting = new Unsuspecting(lock);
		assertThat(this.guard.write(unsuspecting).put(this.data + "x", "1").commit()).isEqualTo(GuardOutcome.COMMITTED);
		takeAway(lock);
		acquire("a");
		assertThat(this.guard.write(unsuspecting).put(this.data + "x", "2").commit()).isEqualTo(GuardOutcome.LOST);
		assertThat(value("x")).contains("1");
	}

	@Test
	void oneOfSeveralKeysThatIsGoneIsEnough() throws Exception {
		LockHandle lock = acquire("a", "b", "c");
		LockHandle unsuspecting = new Unsuspecting(lock);
		assertThat(this.guard.write(unsuspecting).put(this.data + "x", "1").commit()).isEqualTo(GuardOutcome.COMMITTED);
		etcdctl("del", lock.ownershipKeys().get(1));
		assertThat(this.guard.write(unsuspecting).put(this.data + "x", "2").commit()).isEqualTo(GuardOutcome.LOST);
		assertThat(value("x")).contains("1");
	}

	@Test
	void sharedLocksGuardToo() throws Exception {
		LockHandle lock = this.manager.lockTemplate().acquire(LockRequest.of("a").shared());
		LockHandle unsuspecting = new Unsuspecting(lock);
		assertThat(this.guard.write(unsuspecting).put(this.data + "x", "1").commit()).isEqualTo(GuardOutcome.COMMITTED);
		lock.close();
		assertThat(this.guard.write(unsuspecting).put(this.data + "x", "2").commit()).isEqualTo(GuardOutcome.LOST);
	}

	@Test
	void downgradedLockGuardsOn() throws Exception {
		LockHandle lock = acquire("a");
		lock.downgrade();
		assertThat(this.guard.write(lock).put(this.data + "x", "1").commit()).isEqualTo(GuardOutcome.COMMITTED);
	}

	@Test
	void guardedLockIsNotPassedOnWithoutAWrite() throws Exception {
		LockHandle first = acquire("a");
		GuardedWrite late = this.guard.write(new Unsuspecting(first)).put(this.data + "x", "late");
		CompletableFuture<LockHandle> next = this.manager.lockTemplate().acquireAsync(LockRequest.of("a"));
		first.close();
		LockHandle second = next.join();
		assertThat(second.revision()).isGreaterThan(first.revision());
		assertThat(late.commit()).isEqualTo(GuardOutcome.LOST);
		assertThat(this.guard.write(second).put(this.data + "x", "mine").commit()).isEqualTo(GuardOutcome.COMMITTED);
		assertThat(value("x")).contains("mine");
	}

	// No answer

	@Test
	void writeWhoseAnswerWasLostIsFoundToBeCommitted() throws Exception {
		LockHandle lock = acquire("a");
		GuardedWrite write = this.guard.write(lock).put(this.data + "x", "1");
		this.transport.next(LossyTransport.Fate.ANSWER_LOST);
		assertThat(write.commit()).isEqualTo(GuardOutcome.UNKNOWN);
		lock.close();
		this.transport.next(LossyTransport.Fate.ANSWER_LOST);
		assertThat(write.resolve()).isEqualTo(GuardOutcome.UNKNOWN);
		assertThat(write.resolve()).isEqualTo(GuardOutcome.COMMITTED);
		assertThat(write.resolve()).isEqualTo(GuardOutcome.COMMITTED);
		assertThat(value("x")).contains("1");
	}

	@Test
	void writeThatWasNotCarriedOutNeverWillBe() throws Exception {
		GuardedWrite write = this.guard.write(acquire("a")).put(this.data + "x", "1");
		this.transport.next(LossyTransport.Fate.DELAYED);
		assertThat(write.commit()).isEqualTo(GuardOutcome.UNKNOWN);
		assertThat(write.resolve()).isEqualTo(GuardOutcome.NOT_COMMITTED);
		assertThat(this.transport.deliverLate()).hasSize(1).noneMatch(TxnResponse::getSucceeded);
		assertThat(value("x")).isEmpty();
	}

	@Test
	void resolvingTwiceAfterALostAnswerSaysTheSame() throws Exception {
		GuardedWrite write = this.guard.write(acquire("a")).put(this.data + "x", "1");
		this.transport.next(LossyTransport.Fate.DELAYED);
		assertThat(write.commit()).isEqualTo(GuardOutcome.UNKNOWN);
		this.transport.next(LossyTransport.Fate.ANSWER_LOST);
		assertThat(write.resolve()).isEqualTo(GuardOutcome.UNKNOWN);
		assertThat(write.resolve()).isEqualTo(GuardOutcome.NOT_COMMITTED);
	}

	@Test
	void writeOfALostLockIsFoundToBeLost() throws Exception {
		LockHandle lock = acquire("a");
		GuardedWrite write = this.guard.write(lock).put(this.data + "x", "1");
		this.transport.next(LossyTransport.Fate.DELAYED);
		assertThat(write.commit()).isEqualTo(GuardOutcome.UNKNOWN);
		takeAway(lock);
		assertThat(write.resolve()).isEqualTo(GuardOutcome.LOST);
		assertThat(this.transport.deliverLate()).noneMatch(TxnResponse::getSucceeded);
	}

	@Test
	void writeThatArrivesTwiceIsCarriedOutOnce() throws Exception {
		LockHandle lock = acquire("a");
		this.transport.next(LossyTransport.Fate.DELAYED);
		this.guard.write(lock).put(this.data + "x", "1").commit();
		assertThat(this.transport.deliverLate()).allMatch(TxnResponse::getSucceeded);
		this.guard.write(lock).put(this.data + "x", "2").commit();
		this.guard.write(lock).put(this.data + "y", "2").commit();
		assertThat(this.transport.deliverLate()).noneMatch(TxnResponse::getSucceeded);
		assertThat(value("x")).contains("2");
	}

	@Test
	void fateIsNotGuessedWhenTheMarkerMayBeGone() throws Exception {
		GuardedWrite write = this.guard.write(acquire("a")).put(this.data + "x", "1");
		this.transport.next(LossyTransport.Fate.DELAYED);
		write.commit();
		this.transport.changeLease();
		assertThat(write.resolve()).isEqualTo(GuardOutcome.UNKNOWN);
		etcdctl("del", "--prefix", this.prefix + "/.guards/");
	}

	@Test
	void frozenLinkLeavesTheOutcomeOpenAndOnlyForSoLong() throws Exception {
		try (TcpProxy link = TcpProxy.to(etcd.endpoint());
				LeaseManager far = manager(List.of(link.endpoint()), Duration.ofSeconds(4))) {
			EtcdGuard guard = EngineGuard.on(far, Duration.ofSeconds(30));
			LockHandle lock = far.lockTemplate().acquire("far");
			assertThat(guard.write(lock).put(this.data + "x", "1").commit()).isEqualTo(GuardOutcome.COMMITTED);
			link.freezeToClient();
			GuardedWrite write = guard.write(lock).put(this.data + "x", "2");
			long start = System.nanoTime();
			assertThat(write.commit()).isEqualTo(GuardOutcome.UNKNOWN);
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(16));
			link.pass();
			await().atMost(Duration.ofSeconds(30)).until(() -> write.resolve() != GuardOutcome.UNKNOWN);
			boolean written = value("x").equals(Optional.of("2"));
			assertThat(write.resolve()).isEqualTo(written ? GuardOutcome.COMMITTED : GuardOutcome.NOT_COMMITTED);
		}
	}

	@Test
	void otherMemberIsAskedWhenOneIsSilent() throws Exception {
		try (TcpProxy first = TcpProxy.to(etcd.endpoint());
				LeaseManager far = manager(List.of(first.endpoint(), etcd.endpoint()), Duration.ofSeconds(10))) {
			EtcdGuard guard = EngineGuard.on(far, Duration.ofSeconds(30));
			LockHandle lock = far.lockTemplate().acquire("far");
			assertThat(guard.write(lock).put(this.data + "x", "1").commit()).isEqualTo(GuardOutcome.COMMITTED);
			first.freezeToClient();
			assertThat(guard.write(lock).put(this.data + "x", "2").commit()).isEqualTo(GuardOutcome.COMMITTED);
			assertThat(value("x")).contains("2");
		}
	}

	@Test
	void interruptedThreadStaysInterruptedAndCanAskLater() throws Exception {
		GuardedWrite write = this.guard.write(acquire("a")).put(this.data + "x", "1");
		Runnable goOn = this.transport.delayLease();
		Thread.currentThread().interrupt();
		assertThat(write.commit()).isEqualTo(GuardOutcome.UNKNOWN);
		assertThat(Thread.interrupted()).isTrue();
		goOn.run();
		GuardOutcome outcome = write.resolve();
		assertThat(value("x").isPresent()).isEqualTo(outcome == GuardOutcome.COMMITTED);
	}

	@Test
	void firstWordOnAWriteStandsThoughItIsSentLater() throws Exception {
		GuardedWrite write = this.guard.write(acquire("a")).put(this.data + "x", "1");
		Runnable goOn = this.transport.delayLease();
		CompletableFuture<GuardOutcome> sent = write.commitAsync();
		assertThat(write.resolve()).isEqualTo(GuardOutcome.NOT_COMMITTED);
		goOn.run();
		assertThat(sent.join()).isEqualTo(GuardOutcome.NOT_COMMITTED);
		assertThat(write.resolve()).isEqualTo(GuardOutcome.NOT_COMMITTED);
		assertThat(value("x")).isEmpty();
	}

	// What is left

	@Test
	void markersGoWithLaterWrites() throws Exception {
		LockHandle lock = acquire("a");
		for (int i = 0; i < 20; i++) {
			assertThat(this.guard.write(lock).put(this.data + "x", "" + i).commit()).isEqualTo(GuardOutcome.COMMITTED);
		}
		assertThat(markers()).hasSize(1);
	}

	@Test
	void guardedWriteIsOneWriteToEtcd() throws Exception {
		LockHandle lock = acquire("a");
		this.guard.write(lock).put(this.data + "x", "0").commit();
		long before = etcd.cluster().contents().revision();
		this.guard.write(lock).put(this.data + "x", "1").commit();
		assertThat(etcd.cluster().contents().revision()).isEqualTo(before + 1);
	}

	@Test
	void writeMayFillATransaction() throws Exception {
		LockHandle lock = acquire("a");
		for (int i = 0; i < 3; i++) {
			GuardedWrite write = this.guard.write(lock);
			for (int key = 0; key < 127; key++) {
				write.put(this.data + key, "" + i);
			}
			assertThatIllegalArgumentException().isThrownBy(() -> write.delete("one/more"))
				.withMessageStartingWith("The key \"one/more\" is one too many: a guarded write has at most 127");
			assertThat(write.commit()).isEqualTo(GuardOutcome.COMMITTED);
		}
		assertThat(value("126")).contains("2");
		this.guard.write(lock).put(this.data + "x", "1").commit();
		assertThat(markers()).hasSize(1);
	}

	// Mistakes

	@Test
	void refusalOfEtcdSaysThatNothingWasWritten() throws Exception {
		GuardedWrite write = this.guard.write(acquire("a"))
			.put(ByteSequence.from((this.data + "x").getBytes()), ByteSequence.EMPTY, 12345);
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(write::commit)
			.withMessageStartingWith("Nothing was written under the lock on \"a\": etcd at")
			.withMessageContaining(
					"did not carry out the transaction (NOT_FOUND: etcdserver: requested lease not found)");
		assertThat(write.resolve()).isEqualTo(GuardOutcome.NOT_COMMITTED);
	}

	@Test
	void mistakesAreNamed() throws Exception {
		LockHandle lock = acquire("a");
		assertThatIllegalArgumentException().isThrownBy(() -> this.guard.write(lock).put(this.prefix + "/a/x", "1"))
			.withMessage("The key \"" + this.prefix + "/a/x\" is among those of the locks, under \"" + this.prefix
					+ "/\": write somewhere else");
		assertThatIllegalArgumentException().isThrownBy(() -> this.guard.write(lock).put("x", "1").delete("x"))
			.withMessage("The key \"x\" is written twice in one transaction, which etcd does not do");
		assertThatIllegalArgumentException().isThrownBy(() -> this.guard.write(lock).put("", "1"))
			.withMessageContaining("must not be null or empty");
		assertThatIllegalStateException().isThrownBy(() -> this.guard.write(lock).commit())
			.withMessageContaining("nothing to write");
		assertThatIllegalStateException().isThrownBy(() -> this.guard.write(lock).put("x", "1").resolve())
			.withMessageContaining("was not committed yet");
		GuardedWrite write = this.guard.write(lock).put(this.data + "x", "1");
		write.commit();
		assertThatIllegalStateException().isThrownBy(write::commit).withMessageContaining("begin another");
		assertThatIllegalStateException().isThrownBy(() -> write.delete("y")).withMessageContaining("begin another");
	}

	@Test
	void lockOfThisProcessOnlyIsRefused() throws Exception {
		try (InProcessLocks locks = new InProcessLocks(Duration.ofSeconds(1), List.of())) {
			LockHandle lock = locks.lockTemplate().acquire("a");
			assertThatIllegalStateException().isThrownBy(() -> this.guard.write(lock))
				.withMessage("The lock on [\"a\"] is one of this process only (etcd-lock.enabled=false?), "
						+ "so etcd cannot tell whether it is held");
		}
	}

	// Programs in Go, which compare the same revision

	@Test
	void goProgramComparesTheRevisionOfOurLock() throws Exception {
		LockHandle lock = acquire("orders/7 b");
		String ours = this.prefix + "/orders%2F7%20b/";
		assertThat(lock.ownershipKeys().get(0)).startsWith(ours);
		assertThat(putInGoIfHeld(lock, "1")).startsWith("SUCCESS");
		assertThat(value("go")).contains("1");
		lock.close();
		assertThat(putInGoIfHeld(lock, "2")).startsWith("FAILURE");
		assertThat(value("go")).contains("1");
	}

	@Test
	void weRefuseWhatGoHasMeanwhileLocked() throws Exception {
		LockHandle lock = acquire("a");
		LockHandle unsuspecting = new Unsuspecting(lock);
		this.guard.write(unsuspecting);
		takeAway(lock);
		Process go = etcd.cluster()
			.etcdctl("lock", "--ttl=2", this.prefix + "/a", "etcdctl", "put", "none", "1")
			.start();
		go.onExit().join();
		assertThat(this.guard.write(unsuspecting).put(this.data + "x", "1").commit()).isEqualTo(GuardOutcome.LOST);
	}

	/** What a Go program does with {@code clientv3.Compare(CreateRevision(key))}. */
	private String putInGoIfHeld(LockHandle lock, String value) throws Exception {
		Process go = etcd.cluster().etcdctl("txn").start();
		try (var input = go.outputWriter()) {
			input.write("create(\"" + lock.ownershipKeys().get(0) + "\") = \"" + lock.revision() + "\"\n\n");
			input.write("put " + this.data + "go " + value + "\n\n\n");
		}
		String output = new String(go.getInputStream().readAllBytes()).strip();
		go.onExit().join();
		return output;
	}

	private void etcdctl(String... arguments) throws IOException {
		assertThat(etcd.cluster().etcdctl(arguments).start().onExit().join().exitValue()).isZero();
	}

}
