package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.IntStream;

import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.recipe.DistributedQueue;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.WorkQueue;
import io.github.etcdlock.test.EtcdExtension;
import io.github.etcdlock.test.TcpProxy;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Answers that are lost and requests that are late: nothing is lost or doubled by them.
 */
class QueueFaultTests {

	private static final Predicate<Object> OFFER = (message) -> message instanceof TxnRequest && has(message, "put")
			&& !has(message, "delete_range") && message.toString().contains("/.queues/");

	private static final Predicate<Object> CLAIM = (message) -> message instanceof TxnRequest
			&& has(message, "delete_range");

	private static final Predicate<Object> READ = (message) -> message instanceof TxnRequest && has(message, "range")
			&& !has(message, "put") && !has(message, "delete_range");

	private static final Predicate<Object> FENCE = (message) -> message instanceof TxnRequest
			&& message.toString().contains("\"fence\"");

	/** As many attempts as a request has time for, and some more. */
	private static final int ALL_ATTEMPTS = 20;

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	private final Traffic traffic = new Traffic();

	private final LeaseManager manager = this.managers.with().traffic(this.traffic).start();

	private final DistributedQueue<String> queue = this.manager.recipes(Managers.TEXT).queue("jobs", String.class);

	private final DistributedQueue<String> elsewhere = this.managers.start()
		.recipes(Managers.TEXT)
		.queue("jobs", String.class);

	private static boolean has(Object message, String operation) {
		return message.toString().contains("request_" + operation);
	}

	@BeforeEach
	void beginSession() {
		this.queue.offer("warm");
		assertThat(this.queue.poll()).contains("warm");
	}

	@Test
	void offerWhoseAnswerIsLostIsThereOnce() {
		this.traffic.fault(Fault.Kind.LOSE_ANSWER, OFFER);
		this.queue.offer("a");
		this.queue.offer("b");
		assertThat(this.elsewhere.drain(10)).containsExactly("a", "b");
	}

	@Test
	void offerIsNotRepeatedAfterAConsumerTookIt() throws Exception {
		this.traffic.fault(Fault.Kind.LOSE_ANSWER, OFFER);
		Fault second = this.traffic.fault(Fault.Kind.HOLD_REQUEST, OFFER);
		CompletableFuture<Void> offer = CompletableFuture.runAsync(() -> this.queue.offer("a"));
		second.awaitRequest(TxnRequest.class);
		assertThat(this.elsewhere.poll()).contains("a");
		second.release();
		offer.get(5, TimeUnit.SECONDS);
		assertThat(this.elsewhere.poll()).isEmpty();
		assertThat(this.traffic.count(OFFER)).as("the first, and one more").isGreaterThanOrEqualTo(2);
	}

	@Test
	void offerThatArrivesLateChangesNothing() throws Exception {
		Fault late = this.traffic.fault(Fault.Kind.HOLD_REQUEST, OFFER);
		this.queue.offer("a");
		assertThat(this.elsewhere.poll()).contains("a");
		try (Outsider outsider = new Outsider(etcd.endpoint())) {
			assertThat(outsider.txn(late.awaitRequest(TxnRequest.class)).getSucceeded()).isFalse();
		}
		assertThat(this.elsewhere.poll()).isEmpty();
	}

	@Test
	void pollWhoseAnswerIsLostReturnsWhatItTook() {
		this.elsewhere.offerAll(List.of("a", "b"));
		this.traffic.fault(Fault.Kind.LOSE_ANSWER, CLAIM);
		assertThat(this.queue.poll()).contains("a");
		assertThat(this.queue.poll()).contains("b");
	}

	@Test
	void manyValuesWhoseAnswerIsLostAreLookedUpInFewRequests() throws Exception {
		Managers.awaitWatches(this.manager, 2);
		List<String> values = IntStream.rangeClosed(0, 100).mapToObj((i) -> "v" + i).toList();
		this.elsewhere.offerAll(values);
		assertThat(this.queue.poll(Duration.ofSeconds(5))).as("then it knows the others too").contains("v0");
		this.traffic.fault(Fault.Kind.LOSE_ANSWER, CLAIM);
		this.traffic.forget();
		assertThat(this.queue.drain(64)).isEqualTo(values.subList(1, 65));
		assertThat(this.traffic.requests()).as("asked twice, looked up in two parts").isLessThanOrEqualTo(4);
		assertThat(this.elsewhere.drain(100)).isEqualTo(values.subList(65, 101));
	}

	@Test
	void consumerThatComesAfterAReadThatFailedIsServed() throws Exception {
		AtomicBoolean broken = new AtomicBoolean(true);
		for (int i = 0; i < 50; i++) {
			this.traffic.fault(Fault.Kind.LOSE_REQUEST, (message) -> broken.get() && READ.test(message));
		}
		this.managers.start().recipes(Managers.TEXT).queue("unread", String.class).offer("a");
		DistributedQueue<String> unread = this.managers.with()
			.requestTimeout(Duration.ofSeconds(1))
			.traffic(this.traffic)
			.start()
			.recipes(Managers.TEXT)
			.queue("unread", String.class);
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(unread::poll);
		broken.set(false);
		assertThat(unread.poll(Duration.ofSeconds(5))).contains("a");
	}

	@Test
	void valueThatAnotherThreadMayOnlyHaveAskedForIsNotOverlooked() throws Exception {
		this.queue.offerAll(List.of("a", "b", "c", "d"));
		Fault claim = this.traffic.fault(Fault.Kind.HOLD_ANSWER, CLAIM);
		CompletableFuture<Optional<String>> first = CompletableFuture.supplyAsync(this.queue::poll,
				TwoProcesses.THREADS);
		claim.awaitAnswer();
		this.traffic.forget();
		CompletableFuture<Optional<String>> second = CompletableFuture.supplyAsync(this.queue::poll,
				TwoProcesses.THREADS);
		await().until(() -> this.traffic.count(READ) > 0);
		assertThat(this.queue.size()).as("and so the read before it is answered").isEqualTo(3);
		claim.release();
		assertThat(first.get(5, TimeUnit.SECONDS)).contains("a");
		assertThat(second.get(5, TimeUnit.SECONDS)).contains("b");
	}

	@Test
	void drainKeepsWhatItTookBeforeEtcdFailed() {
		List<String> values = IntStream.range(0, 100).mapToObj((i) -> "v" + i).toList();
		this.queue.offerAll(values);
		AtomicReference<Object> first = new AtomicReference<>();
		for (int i = 0; i < ALL_ATTEMPTS; i++) {
			this.traffic.fault(Fault.Kind.LOSE_REQUEST, (message) -> CLAIM.test(message)
					&& !first.compareAndSet(null, message) && !message.equals(first.get()));
		}
		assertThat(this.queue.drain(100)).isEqualTo(values.subList(0, 64));
	}

	@Test
	void waitThatEndsWithoutEtcdDoesNotEndWithEmpty() throws Exception {
		try (TcpProxy link = TcpProxy.to(etcd.endpoint())) {
			LeaseManager manager = this.managers.with()
				.endpoints(List.of(link.endpoint()))
				.requestTimeout(Duration.ofSeconds(1))
				.start();
			EtcdRecipes recipes = manager.recipes(Managers.TEXT);
			DistributedQueue<String> remote = recipes.queue("remote", String.class);
			WorkQueue<String> work = recipes.workQueue("remote", String.class);
			remote.offer("warm");
			assertThat(remote.poll(Duration.ofSeconds(5))).contains("warm");
			assertThat(work.receive(Duration.ofMillis(1))).isEmpty();
			link.refuse();
			awaitUnwatched(manager);
			assertThatExceptionOfType(LockUnavailableException.class)
				.isThrownBy(() -> remote.poll(Duration.ofMillis(300)));
			assertThatExceptionOfType(LockUnavailableException.class)
				.isThrownBy(() -> work.receive(Duration.ofMillis(300)));
			link.pass();
			await().ignoreExceptionsInstanceOf(LockUnavailableException.class)
				.untilAsserted(() -> assertThat(remote.poll(Duration.ofMillis(1))).isEmpty());
		}
	}

	/** Waits until it is known that the watches are interrupted. */
	private static void awaitUnwatched(LeaseManager manager) {
		await().until(() -> {
			CompletableFuture<Boolean> served = new CompletableFuture<>();
			WatchStream watches = manager.engine().watches();
			manager.engine().loop().run(() -> served.complete(watches.settled()));
			return !served.join();
		});
	}

	@Test
	void consumerWhoseEventIsLostIsServedLater() throws Exception {
		SteeredClock clock = new SteeredClock();
		Traffic deaf = new Traffic();
		DistributedQueue<String> waiting = this.managers.with()
			.clock(clock)
			.traffic(deaf)
			.start()
			.recipes(Managers.TEXT)
			.queue("waiting", String.class);
		waiting.offer("warm");
		assertThat(waiting.poll(Duration.ofSeconds(5))).contains("warm");
		assertThat(waiting.poll()).isEmpty();
		deaf.watchEvents().lose(Traffic::isEvent);
		this.managers.start().recipes(Managers.TEXT).queue("waiting", String.class).offer("a");
		clock.leap(Duration.ofSeconds(13));
		assertThat(waiting.poll(Duration.ofSeconds(8))).contains("a");
	}

	@Test
	void pollThatArrivesLateTakesNothing() {
		this.elsewhere.offerAll(List.of("a", "b"));
		Fault late = this.traffic.fault(Fault.Kind.HOLD_REQUEST, CLAIM);
		assertThat(this.queue.poll()).contains("a");
		try (Outsider outsider = new Outsider(etcd.endpoint())) {
			assertThat(outsider.txn(late.awaitRequest(TxnRequest.class)).getSucceeded()).isFalse();
		}
		assertThat(this.elsewhere.poll()).contains("b");
	}

	@Test
	void consumerThatWaitsGetsWhatItTookAsSoonAsThatIsKnown() throws Exception {
		this.elsewhere.offer("a");
		for (int i = 0; i < 100; i++) {
			this.traffic.fault(Fault.Kind.LOSE_ANSWER, CLAIM);
		}
		assertThat(this.queue.poll(Duration.ofSeconds(10))).contains("a");
	}

	@Test
	void whatWasAskedInVainIsNotTakenForAnswered() throws Exception {
		this.elsewhere.offer("a");
		for (int i = 0; i < ALL_ATTEMPTS; i++) {
			this.traffic.fault(Fault.Kind.LOSE_REQUEST, CLAIM);
		}
		for (int i = 0; i < 3; i++) {
			this.traffic.fault(Fault.Kind.LOSE_ANSWER, FENCE);
		}
		assertThat(this.queue.poll(Duration.ofSeconds(20))).contains("a");
		assertThat(this.elsewhere.poll()).isEmpty();
	}

	@Test
	void whatWasTakenForNobodyComesBack() {
		this.elsewhere.offer("a");
		for (int i = 0; i < 100; i++) {
			this.traffic.fault(Fault.Kind.LOSE_ANSWER, CLAIM);
		}
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(this.queue::poll)
			.withMessageContaining("take from the queue \"jobs\"");
		await().untilAsserted(() -> assertThat(this.elsewhere.poll()).contains("a"));
		assertThat(this.elsewhere.poll()).isEmpty();
	}

	@Test
	void offerWithoutAnyAnswerFailsAndTheQueueGoesOn() {
		for (int i = 0; i < ALL_ATTEMPTS; i++) {
			this.traffic.fault(Fault.Kind.LOSE_REQUEST, OFFER);
		}
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> this.queue.offer("a"))
			.withMessageContaining("put into the queue \"jobs\"");
		Optional<String> taken = this.elsewhere.poll();
		assertThat(taken).isEmpty();
		await().ignoreExceptions().untilAsserted(() -> {
			this.queue.offer("b");
			assertThat(this.elsewhere.poll()).contains("b");
		});
	}

	@Test
	void refusalOfARepetitionSaysNothingOfTheFirstAttempt() {
		Fault late = this.traffic.fault(Fault.Kind.HOLD_REQUEST, OFFER);
		this.traffic.fault(Fault.Kind.REFUSE, OFFER);
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> this.queue.offer("a"))
			.withMessageContaining("space exceeded");
		try (Outsider outsider = new Outsider(etcd.endpoint())) {
			assertThat(outsider.txn(late.awaitRequest(TxnRequest.class)).getSucceeded()).isFalse();
		}
		this.queue.offer("b");
		assertThat(this.elsewhere.drain(10)).containsExactly("b");
	}

	@Test
	void repetitionThatIsRefusedAfterTheFirstAttemptWasCarriedOutIsNoFailure() {
		this.traffic.fault(Fault.Kind.LOSE_ANSWER, OFFER);
		this.traffic.fault(Fault.Kind.REFUSE, OFFER);
		this.queue.offer("a");
		this.queue.offer("b");
		assertThat(this.elsewhere.drain(10)).containsExactly("a", "b");
	}

	@Test
	void leaseThatEndsUnnoticedIsReplaced() {
		this.traffic.watchEvents().shut();
		try (Outsider outsider = new Outsider(etcd.endpoint())) {
			this.managers.leases().forEach(outsider::revoke);
		}
		this.queue.offer("a");
		this.traffic.watchEvents().open();
		assertThat(this.elsewhere.drain(10)).containsExactly("a");
	}

	@Test
	void whatCannotBeAskedForIsNothingToTheOthers() {
		LeaseManager manager = this.managers.start();
		Lanes lanes = new Lanes(manager.engine(), manager.sessions());
		CompletableFuture<Void> never = new CompletableFuture<>();
		Offer broken = new Offer(TxnRequest.getDefaultInstance(), (response, revision) -> {
		});
		Offer sound = new Offer(TxnRequest.getDefaultInstance(), (response, revision) -> {
		});
		manager.engine().loop().run(() -> {
			lanes.send(sound);
			lanes.send(new Once() {

				@Override
				public TxnRequest request(Session session) {
					throw new IllegalStateException("broken by the test");
				}

				@Override
				public void answered(TxnResponse response, long revision) {
					throw new IllegalStateException("nothing was asked");
				}

				@Override
				public void failed(EtcdFailure failure) {
					broken.failed(failure);
				}

				@Override
				public void never() {
					never.complete(null);
				}

			});
		});
		assertThat(sound.outcome()).succeedsWithin(Duration.ofSeconds(5));
		assertThat(broken.outcome()).isCompletedExceptionally();
		assertThat(never).isCompleted();
	}

	@Test
	void interruptThatComesTooLateLosesNothing() throws Exception {
		LeaseManager manager = this.managers.start();
		CompletableFuture<String> taken = new CompletableFuture<>() {

			@Override
			public String get(long time, TimeUnit unit) throws InterruptedException {
				complete("a");
				throw new InterruptedException();
			}

		};
		Waits waits = new Waits(manager.engine(), "etcd");
		assertThat(waits.within(Duration.ofSeconds(1), "take", taken)).contains("a");
		assertThat(Thread.interrupted()).isTrue();
	}

	@Test
	void sessionThatIsLostIsReplaced() {
		try (Outsider outsider = new Outsider(etcd.endpoint())) {
			this.managers.leases().forEach(outsider::revoke);
		}
		this.queue.offer("a");
		assertThat(this.queue.poll()).contains("a");
	}

}
