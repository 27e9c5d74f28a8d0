package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.recipe.EtcdKey;
import io.github.etcdlock.recipe.EtcdTransaction;
import io.github.etcdlock.recipe.EtcdTransactions;
import io.github.etcdlock.recipe.TransactionResult;
import io.github.etcdlock.recipe.TransactionResult.Outcome;
import io.github.etcdlock.recipe.TransactionUnknownException;
import io.github.etcdlock.test.EtcdExtension;
import io.github.etcdlock.test.TcpProxy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/** Requests and answers get lost: a transaction is carried out once at most. */
class TransactionFaultTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	@AutoClose
	private final TcpProxy link = TcpProxy.to(etcd.endpoint());

	@AutoClose
	private final Outsider outsider = new Outsider(etcd.endpoint());

	private final Traffic traffic = new Traffic();

	private final EtcdTransactions transactions = this.managers.with()
		.requestTimeout(Duration.ofSeconds(10))
		.traffic(this.traffic)
		.start()
		.recipes(Managers.TEXT)
		.transactions();

	private final String folder = etcd.freshPrefix() + "/app/";

	private final EtcdKey<String> a = EtcdKey.of(this.folder + "a", String.class);

	private final EtcdTransaction create = EtcdTransaction.when(this.a.absent())
		.then(this.a.put("1"))
		.otherwise(this.a.get());

	@BeforeEach
	void beginSession() {
		warmUp(this.transactions);
	}

	/** While there is a link, so that no lease ends in the middle of another test. */
	@AfterEach
	void endSessions() {
		this.managers.close();
	}

	private void warmUp(EtcdTransactions cold) {
		EtcdKey<String> warm = EtcdKey.of(this.folder + "warm", String.class);
		await().ignoreExceptions().until(() -> cold.commit(EtcdTransaction.when().then(warm.put(""))).committed());
		this.traffic.forget();
	}

	/** They reach etcd through the link, and give up after a second. */
	private EtcdTransactions behindLink() {
		EtcdTransactions cold = this.managers.with()
			.endpoints(List.of(this.link.endpoint()))
			.requestTimeout(Duration.ofSeconds(1))
			.traffic(this.traffic)
			.start()
			.recipes(Managers.TEXT)
			.transactions();
		warmUp(cold);
		return cold;
	}

	/** A transaction with a marker, and not the end of one. */
	private static boolean isCommit(Object message) {
		return message instanceof TxnRequest request
				&& request.getSuccessList().stream().anyMatch(RequestOp::hasRequestTxn);
	}

	private static boolean isEnd(Object message) {
		return message instanceof TxnRequest request && request.getFailureCount() == 1 && !isCommit(message);
	}

	/** Of transactions, not of the session. */
	private long requests() {
		return this.traffic.count((message) -> (message instanceof TxnRequest || message instanceof RangeRequest)
				&& !message.toString().contains("/.sessions/"));
	}

	private long version() {
		return this.transactions.commit(EtcdTransaction.when().then(this.a.get()))
			.get(this.a)
			.map((read) -> read.version())
			.orElse(0L);
	}

	@Test
	void lostAnswerIsFoundOutWithoutASecondTry() {
		this.traffic.fault(Fault.Kind.LOSE_ANSWER, TransactionFaultTests::isCommit);
		TransactionResult result = this.transactions.commit(this.create);
		assertThat(result.outcome()).isEqualTo(Outcome.COMMITTED);
		assertThat(result.revision()).isPositive();
		assertThat(version()).isOne();
		assertThat(this.traffic.count(TransactionFaultTests::isCommit)).isOne();
		assertThatIllegalStateException().isThrownBy(() -> result.get(this.a)).withMessageContaining("lost");
	}

	/** Found by the chaos suite: a worker was paused while etcd answered. */
	@Test
	void callerThatWakesBeforeTheAnswerIsReadFindsOutWhatBecameOfIt() {
		SteeredClock clock = new SteeredClock();
		Traffic answers = new Traffic();
		EtcdTransactions paused = this.managers.with()
			.clock(clock)
			.traffic(answers)
			.start()
			.recipes(Managers.TEXT)
			.transactions();
		Fault answer = answers.fault(Fault.Kind.HOLD_ANSWER, TransactionFaultTests::isCommit);
		Thread caller = Thread.currentThread();
		CompletableFuture<Void> pause = CompletableFuture.runAsync(() -> {
			answer.awaitAnswer();
			clock.leap(Duration.ofSeconds(10));
			caller.interrupt();
		});
		TransactionResult result = paused.commit(this.create);
		pause.join();
		assertThat(Thread.interrupted()).isTrue();
		assertThat(result.outcome()).isEqualTo(Outcome.UNKNOWN);
		answer.release();
		assertThat(result.resolve().outcome()).isEqualTo(Outcome.COMMITTED);
		assertThat(version()).isOne();
		assertThat(paused.commit(this.create).outcome()).isEqualTo(Outcome.NOT_COMMITTED);
		assertThat(result.resolve().outcome()).as("by a marker that serves no other").isEqualTo(Outcome.COMMITTED);
	}

	@Test
	void lostAnswerOfAlternativesIsFoundOutToo() {
		EtcdKey<String> other = EtcdKey.of(this.folder + "other", String.class);
		this.traffic.fault(Fault.Kind.LOSE_ANSWER, TransactionFaultTests::isCommit);
		TransactionResult result = this.transactions
			.commit(EtcdTransaction.when(this.a.exists()).then(this.a.delete()).otherwise(other.put("1")));
		assertThat(result.outcome()).isEqualTo(Outcome.NOT_COMMITTED);
		assertThat(this.traffic.count(TransactionFaultTests::isCommit)).isOne();
	}

	@Test
	void lostRequestIsEndedAndAskedAgain() {
		Fault fault = this.traffic.fault(Fault.Kind.LOSE_REQUEST, TransactionFaultTests::isCommit);
		assertThat(this.transactions.commit(this.create).committed()).isTrue();
		assertThat(this.traffic.count(TransactionFaultTests::isCommit)).isEqualTo(2);
		this.outsider.delete(this.a.name());
		assertThat(this.outsider.txn(fault.awaitRequest(TxnRequest.class)).getSucceeded()).as("when it comes late")
			.isFalse();
		assertThat(version()).isZero();
	}

	@Test
	void lostAnswerToTheQuestionIsAskedAgain() {
		this.traffic.fault(Fault.Kind.LOSE_REQUEST, TransactionFaultTests::isCommit);
		this.traffic.fault(Fault.Kind.LOSE_ANSWER, TransactionFaultTests::isEnd);
		assertThat(this.transactions.commit(this.create).committed()).isTrue();
		assertThat(version()).isOne();
		this.traffic.fault(Fault.Kind.LOSE_ANSWER, TransactionFaultTests::isCommit);
		this.traffic.fault(Fault.Kind.LOSE_ANSWER, TransactionFaultTests::isEnd);
		assertThat(this.transactions.commit(EtcdTransaction.when().then(this.a.put("2"))).committed()).isTrue();
		assertThat(version()).isEqualTo(2);
	}

	@Test
	void unknownOutcomeIsResolvedByItsMarker() {
		EtcdTransactions behindLink = behindLink();
		this.link.freezeToClient();
		TransactionResult result = behindLink.commit(this.create);
		assertThat(result.outcome()).isEqualTo(Outcome.UNKNOWN);
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(result::resolve)
			.withMessageContaining(this.a.name());
		this.link.pass();
		this.link.resetAll();
		await().ignoreExceptions().until(() -> result.resolve().outcome() == Outcome.COMMITTED);
		assertThat(result.resolve().outcome()).as("asked again").isEqualTo(Outcome.COMMITTED);
		assertThat(version()).isOne();
	}

	@Test
	void requestThatComesAfterItWasResolvedDoesNothing() {
		EtcdTransactions behindLink = behindLink();
		this.link.freezeToServer();
		TransactionResult result = behindLink.commit(this.create);
		assertThat(result.outcome()).isEqualTo(Outcome.UNKNOWN);
		TxnRequest late = this.traffic.sent(TxnRequest.class)
			.stream()
			.filter(TransactionFaultTests::isCommit)
			.findFirst()
			.orElseThrow();
		this.link.resetAll();
		this.link.pass();
		await().ignoreExceptions().until(() -> result.resolve().outcome() == Outcome.NOT_COMMITTED);
		assertThat(this.outsider.txn(late).getSucceeded()).isFalse();
		assertThat(result.resolve().outcome()).as("asked again").isEqualTo(Outcome.NOT_COMMITTED);
		assertThat(version()).isZero();
	}

	@Test
	void outcomeStaysUnknownWhenTheSessionHasGone() {
		EtcdTransactions behindLink = behindLink();
		this.link.freezeToClient();
		TransactionResult result = behindLink.commit(this.create);
		assertThat(result.outcome()).isEqualTo(Outcome.UNKNOWN);
		this.managers.leases().forEach(this.outsider::revoke);
		this.link.pass();
		this.link.resetAll();
		await().ignoreExceptions().until(() -> result.resolve().outcome() == Outcome.UNKNOWN);
		await().ignoreExceptions().until(() -> version() == 1);
	}

	@Test
	void revokedSessionIsReplacedWithoutAnError() {
		this.managers.leases().forEach(this.outsider::revoke);
		assertThat(this.transactions.commit(this.create).committed()).isTrue();
	}

	@Test
	void markerThatSomebodyDeletesIsReplaced() {
		etcd.cluster()
			.contents()
			.under(this.managers.prefix() + "/.transactions/")
			.forEach((marker) -> this.outsider.delete(marker.name()));
		assertThat(this.transactions.commit(this.create).committed()).isTrue();
		assertThat(version()).isOne();
	}

	@ParameterizedTest
	@EnumSource(names = { "LOSE_REQUEST", "LOSE_ANSWER" })
	void actionIsNeverAppliedTwice(Fault.Kind kind) {
		AtomicInteger runs = new AtomicInteger();
		for (int i = 0; i < 5; i++) {
			this.traffic.fault(kind, TransactionFaultTests::isCommit);
			this.transactions.run((memory) -> {
				runs.incrementAndGet();
				memory.put(this.a, Integer.toString(Integer.parseInt(memory.get(this.a).orElse("0")) + 1));
				return null;
			});
		}
		String counted = this.transactions.run((memory) -> memory.get(this.a).orElseThrow());
		assertThat(counted).isEqualTo("5");
		assertThat(runs).as("what became of it is asked for, not tried").hasValue(5);
	}

	@Test
	void actionWhoseOutcomeIsUnknownSaysSo() {
		EtcdTransactions behindLink = behindLink();
		TransactionUnknownException[] thrown = new TransactionUnknownException[1];
		assertThatExceptionOfType(TransactionUnknownException.class).isThrownBy(() -> behindLink.run((memory) -> {
			memory.get(this.a);
			memory.put(this.a, "1");
			this.link.freezeToClient();
			return null;
		})).satisfies((ex) -> thrown[0] = ex).withMessageContaining(this.a.name());
		this.link.pass();
		this.link.resetAll();
		await().ignoreExceptions().until(() -> thrown[0].result().resolve().committed());
	}

	@Test
	void etcdThatCannotBeReachedChangesNothing() {
		EtcdTransactions behindLink = behindLink();
		this.link.refuse();
		this.link.resetAll();
		await().untilAsserted(() -> assertThatExceptionOfType(LockUnavailableException.class)
			.isThrownBy(() -> behindLink.commit(this.create))
			.withMessageContaining("127.0.0.1"));
		this.link.pass();
		EtcdTransaction look = EtcdTransaction.when(this.a.absent()).then(this.a.get());
		await().ignoreExceptions().until(() -> behindLink.commit(look).committed());
	}

	// Costs

	@Test
	void commitIsOneWrite() {
		long revision = this.outsider.revision();
		for (int i = 0; i < 10; i++) {
			this.transactions.commit(EtcdTransaction.when().then(this.a.put("x")));
		}
		assertThat(requests()).isEqualTo(10);
		assertThat(this.outsider.revision() - revision).isEqualTo(10);
		assertThat(etcd.cluster().contents().under(this.managers.prefix() + "/.transactions/")).hasSize(1);
	}

	@Test
	void whatOnlyReadsAndWhatDoesNotHoldIsNoWrite() {
		this.transactions.commit(this.create);
		this.traffic.forget();
		long revision = this.outsider.revision();
		this.transactions.commit(this.create);
		this.transactions.commit(EtcdTransaction.when(this.a.exists()).then(this.a.get()));
		this.transactions.run((memory) -> memory.get(this.a));
		assertThat(requests()).isEqualTo(3);
		assertThat(this.outsider.revision()).isEqualTo(revision);
	}

	@Test
	void actionCostsItsReadsAndOneWriteAndAConflictOneRequestMore() throws Exception {
		EtcdKey<String> b = EtcdKey.of(this.folder + "b", String.class);
		AtomicInteger runs = new AtomicInteger();
		CompletableFuture.runAsync(() -> this.transactions.run((memory) -> {
			String seen = memory.get(this.a).orElse("") + memory.get(b).orElse("");
			if (runs.incrementAndGet() == 1) {
				this.outsider.put(this.a.name());
			}
			memory.put(b, seen + "!");
			return null;
		})).get(5, TimeUnit.SECONDS);
		assertThat(runs).hasValue(2);
		assertThat(requests()).as("two reads and two tries").isEqualTo(4);
	}

}
