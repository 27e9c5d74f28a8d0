package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.test.EtcdContents;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Requests that gather while others are under way, and go together. */
class BatchesTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	@AutoClose
	private final Outsider outsider = new Outsider(etcd.endpoint());

	private final Traffic traffic = new Traffic();

	private final LeaseManager manager = this.managers.with().traffic(this.traffic).start();

	private final LockTemplate locks = this.manager.lockTemplate();

	private final LockTemplate others = this.managers.template();

	private final List<Fault> underWay = new ArrayList<>();

	@BeforeEach
	void connect() throws Exception {
		this.locks.acquire("warm").close();
		this.others.acquire("warm").close();
		Managers.awaitWatches(this.manager, 1);
		this.traffic.forget();
	}

	/** Keeps so many requests under way, until {@link #answer(int)}. */
	private void keepUnderWay(int requests) {
		for (int i = 0; i < requests; i++) {
			Fault held = this.traffic.fault(Fault.Kind.HOLD_ANSWER, Traffic::isTake);
			this.locks.acquireAsync(LockRequest.of("under-way-" + i));
			held.awaitAnswer();
			this.underWay.add(held);
		}
		this.traffic.forget();
	}

	private void answer(int requests) {
		for (int i = 0; i < requests; i++) {
			this.underWay.remove(0).release();
		}
	}

	private List<CompletableFuture<LockHandle>> ask(String name, int number) {
		return IntStream.range(0, number)
			.mapToObj((i) -> this.locks.acquireAsync(LockRequest.of(name + "-" + i)))
			.toList();
	}

	private static <T> T result(CompletableFuture<T> future) {
		assertThat(future).succeedsWithin(Duration.ofSeconds(10));
		return future.join();
	}

	private long transactions() {
		return this.traffic.count(TxnRequest.class::isInstance);
	}

	/** The requests that are in one batch. */
	private static List<TxnRequest> parts(TxnRequest request) {
		return request.getSuccessList()
			.stream()
			.filter(RequestOp::hasRequestTxn)
			.map(RequestOp::getRequestTxn)
			.toList();
	}

	private List<Integer> sizes() {
		return this.traffic.sent(TxnRequest.class).stream().map((request) -> parts(request).size()).toList();
	}

	private void awaitOnly(LockHandle lock) {
		await()
			.untilAsserted(() -> assertThat(this.managers.queued(lock.keys().get(0))).extracting(EtcdContents.Key::name)
				.containsExactlyElementsOf(lock.ownershipKeys()));
	}

	// Together and alone

	@Test
	void loneRequestIsNeverDelayed() throws Exception {
		keepUnderWay(Batches.FEW - 1);
		LockHandle lock = this.locks.acquire("a");
		lock.close();
		assertThat(sizes()).containsExactly(0, 0);
		answer(Batches.FEW - 1);
	}

	@Test
	void requestsOfDifferentLinesGoTogetherAsSoonAsAnAnswerIsThere() {
		keepUnderWay(Batches.FEW);
		List<CompletableFuture<LockHandle>> gathered = ask("a", 20);
		assertThat(transactions()).isZero();
		answer(1);
		gathered.forEach(BatchesTests::result);
		assertThat(sizes()).containsExactly(20);
		answer(Batches.FEW - 1);
	}

	@Test
	void releasesAndTakesGoTogether() throws Exception {
		LockHandle held = this.locks.acquire("held");
		LockHandle handed = this.locks.acquire("handed");
		handed.revision();
		CompletableFuture<LockHandle> next = this.locks.acquireAsync(LockRequest.of("handed"));
		keepUnderWay(Batches.FEW);
		CompletableFuture<LockHandle> taken = this.locks.acquireAsync(LockRequest.of("taken"));
		CompletableFuture<Void> released = held.closeAsync();
		handed.closeAsync();
		answer(1);
		result(released);
		assertThat(result(next).fencingToken()).isGreaterThan(handed.fencingToken());
		result(taken);
		assertThat(sizes()).containsExactly(3);
		assertThat(this.managers.queued("held")).isEmpty();
		answer(Batches.FEW - 1);
	}

	@Test
	void batchStaysWithinTheLimitOfEtcd() {
		keepUnderWay(Batches.FEW);
		List<CompletableFuture<LockHandle>> gathered = ask("a", 150);
		answer(1);
		gathered.forEach(BatchesTests::result);
		assertThat(sizes()).containsExactly(64, 64, 22);
		answer(Batches.FEW - 1);
	}

	@Test
	void fullBatchDoesNotWaitForAnAnswer() {
		keepUnderWay(Batches.FEW);
		ask("a", 64).forEach(BatchesTests::result);
		assertThat(sizes()).containsExactly(64);
		answer(Batches.FEW);
	}

	@Test
	void requestOverManyLinesGoesAlone() {
		keepUnderWay(Batches.FEW);
		String[] keys = IntStream.range(0, 32).mapToObj((i) -> "k" + i).toArray(String[]::new);
		assertThat(result(this.locks.acquireAsync(LockRequest.of(keys))).isHeld()).isTrue();
		answer(Batches.FEW);
	}

	@Test
	void manyLocksCostFewerRequestsThanOperations() {
		List<CompletableFuture<Void>> all = ask("a", 200).stream()
			.map((lock) -> lock.thenCompose(LockHandle::closeAsync))
			.toList();
		all.forEach(BatchesTests::result);
		assertThat(transactions()).isLessThan(300);
	}

	// Together, yet each for itself

	@Test
	void failedGuardFailsOnlyItsOwnCaller() throws Exception {
		LockHandle busy = this.others.acquire("busy");
		// held for half a second it is watched, and what is lost is not released
		this.traffic.watchEvents().shut();
		LockHandle gone = this.locks.acquire("gone");
		LockHandle held = this.locks.acquire("held");
		AtomicInteger losses = new AtomicInteger();
		gone.onLost(losses::incrementAndGet);
		held.onLost(() -> losses.addAndGet(10));
		this.outsider.delete(this.managers.queued("gone").get(0).name());
		keepUnderWay(Batches.FEW);
		CompletableFuture<LockHandle> tried = this.locks
			.acquireAsync(LockRequest.of("busy").waitingUpTo(Duration.ZERO));
		List<CompletableFuture<LockHandle>> gathered = ask("a", 5);
		CompletableFuture<Void> releases = CompletableFuture.allOf(gone.closeAsync(), held.closeAsync());
		await().pollDelay(Duration.ofMillis(200)).until(() -> transactions() == 0);
		answer(1);
		gathered.forEach((lock) -> assertThat(result(lock).isHeld()).isTrue());
		assertThat(tried).failsWithin(Duration.ofSeconds(10))
			.withThrowableThat()
			.withCauseInstanceOf(LockNotAcquiredException.class);
		result(releases);
		await().untilAsserted(() -> assertThat(losses).hasValue(1));
		assertThat(sizes()).contains(8);
		assertThat(busy.isHeld()).isTrue();
		this.traffic.watchEvents().open();
		answer(Batches.FEW - 1);
	}

	@Test
	void twoRequestsOfOneLineAreNeverInOneBatch() {
		keepUnderWay(Batches.FEW);
		LockRequest read = LockRequest.of("a").shared().waitingUpTo(Duration.ZERO);
		List<CompletableFuture<LockHandle>> readers = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			readers.add(this.locks.acquireAsync(read));
			readers.add(this.locks.acquireAsync(LockRequest.of("b-" + i, "c-" + i)));
			readers.add(this.locks.acquireAsync(LockRequest.of("c-" + i + "-other")));
		}
		answer(Batches.FEW);
		List<LockHandle> locks = readers.stream().map(BatchesTests::result).toList();
		assertThat(this.managers.queued("a")).hasSize(3)
			.extracting(EtcdContents.Key::createRevision)
			.doesNotHaveDuplicates();
		assertThat(locks).allMatch(LockHandle::isHeld);
		for (TxnRequest batch : this.traffic.sent(TxnRequest.class)) {
			Set<String> lines = new HashSet<>();
			parts(batch).forEach((part) -> assertThat(lines(part)).allMatch(lines::add));
		}
	}

	private static Set<String> lines(TxnRequest part) {
		Set<String> lines = new HashSet<>();
		part.getSuccessList().stream().filter(RequestOp::hasRequestPut).forEach((put) -> {
			String key = put.getRequestPut().getKey().toStringUtf8();
			lines.add(key.substring(0, key.lastIndexOf('/')));
		});
		return lines;
	}

	@Test
	void deadLeaseInABatchHarmsNobodyElse() throws Exception {
		LockRequest other = LockRequest.of("b").withTtl(Duration.ofSeconds(20));
		this.locks.acquire(other).close();
		long lease = result(this.locks.acquireAsync(other)).revision();
		keepUnderWay(Batches.FEW);
		List<CompletableFuture<LockHandle>> gathered = new ArrayList<>(ask("a", 5));
		gathered.add(this.locks.acquireAsync(LockRequest.of("c").withTtl(Duration.ofSeconds(20))));
		this.traffic.watchEvents().shut();
		this.outsider.revoke(this.managers.queued("b")
			.stream()
			.filter((key) -> key.createRevision() == lease)
			.findAny()
			.orElseThrow()
			.lease());
		answer(1);
		gathered.forEach((lock) -> assertThat(result(lock).isHeld()).isTrue());
		assertThat(sizes()).startsWith(6, 0, 0, 0);
		gathered.forEach((lock) -> awaitOnly(lock.join()));
		this.traffic.watchEvents().open();
		answer(Batches.FEW - 1);
	}

	@Test
	void lostAnswerOfABatchIsResolvedCallerByCaller() throws Exception {
		LockHandle held = this.locks.acquire("held");
		LockHandle handed = this.locks.acquire("handed");
		handed.revision();
		CompletableFuture<LockHandle> next = this.locks.acquireAsync(LockRequest.of("handed"));
		keepUnderWay(Batches.FEW);
		List<CompletableFuture<LockHandle>> gathered = new ArrayList<>(ask("a", 4));
		CompletableFuture<Void> released = held.closeAsync();
		handed.closeAsync();
		gathered.add(next);
		Fault lost = this.traffic.fault(Fault.Kind.LOSE_ANSWER,
				(message) -> message instanceof TxnRequest request && parts(request).size() == 6);
		answer(1);
		gathered.forEach((lock) -> awaitOnly(result(lock)));
		result(released);
		assertThat(lost.met()).isTrue();
		await().until(() -> this.managers.queued("held").isEmpty());
		assertThat(next.join().fencingToken()).isGreaterThan(handed.fencingToken());
		answer(Batches.FEW - 1);
	}

	@Test
	void batchThatArrivesAfterItWasGivenUpTakesNothing() {
		keepUnderWay(Batches.FEW);
		List<CompletableFuture<LockHandle>> gathered = ask("a", 4);
		Fault lost = this.traffic.fault(Fault.Kind.LOSE_REQUEST,
				(message) -> message instanceof TxnRequest request && parts(request).size() == 4);
		answer(1);
		gathered.forEach((lock) -> awaitOnly(result(lock)));
		this.outsider.txn(lost.awaitRequest(TxnRequest.class));
		gathered.forEach((lock) -> awaitOnly(lock.join()));
		answer(Batches.FEW - 1);
	}

}
