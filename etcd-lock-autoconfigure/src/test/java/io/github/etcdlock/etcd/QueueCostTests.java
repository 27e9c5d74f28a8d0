package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.TxnRequest;
import io.github.etcdlock.recipe.DistributedPriorityQueue;
import io.github.etcdlock.recipe.DistributedQueue;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.QueueFullException;
import io.github.etcdlock.recipe.WorkItem;
import io.github.etcdlock.recipe.WorkOffer;
import io.github.etcdlock.recipe.WorkQueue;
import io.github.etcdlock.recipe.WorkQueueOptions;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/** What queues cost: requests to etcd, revisions of etcd and watches. */
class QueueCostTests {

	private static final int MANY = 200;

	private static final Executor THREADS = (task) -> new Thread(task, "consumer").start();

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	@AutoClose
	private final Outsider outsider = new Outsider(etcd.endpoint());

	private final Traffic traffic = new Traffic();

	private final LeaseManager manager = this.managers.with().traffic(this.traffic).start();

	private final EtcdRecipes recipes = this.manager.recipes(Managers.TEXT);

	private final DistributedQueue<String> queue = this.recipes.queue("jobs", String.class);

	private final WorkQueue<String> work = this.recipes.workQueue("work", String.class);

	/** The first use of a process also begins a session and a watch. */
	@BeforeEach
	void warmUp() {
		this.queue.offer("warm");
		assertThat(this.queue.poll()).contains("warm");
		Managers.awaitWatches(this.manager, 2);
		assertThat(this.queue.poll()).as("and so every read before it is answered").isEmpty();
		this.traffic.forget();
	}

	/** The same for the queue of work, whoever puts something there. */
	private void warmUpWork(WorkQueue<String> producer) throws Exception {
		producer.offer("warm");
		this.work.receive(Duration.ofSeconds(5)).orElseThrow().ack();
		Managers.awaitWatches(this.manager, 3);
		assertThat(this.work.receive(Duration.ZERO)).isEmpty();
		this.traffic.forget();
	}

	@Test
	void offerAndPollAreOneWriteEach() {
		long revision = this.outsider.revision();
		for (int i = 0; i < 50; i++) {
			this.queue.offer("v");
			assertThat(this.queue.poll()).contains("v");
		}
		assertThat(this.outsider.revision() - revision).isEqualTo(100);
		assertThat(this.traffic.requests()).isEqualTo(100);
		this.queue.offerAll(List.of("a", "b", "c"));
		assertThat(this.queue.drain(3)).containsExactly("a", "b", "c");
		assertThat(this.traffic.requests()).isEqualTo(102);
	}

	@Test
	void offerReceiptAndAcknowledgementOfWorkAreOneWriteEach() throws Exception {
		warmUpWork(this.work);
		long revision = this.outsider.revision();
		for (int i = 0; i < 20; i++) {
			this.work.offer("v" + i);
			this.work.receive(Duration.ofSeconds(5)).orElseThrow().ack();
		}
		assertThat(this.outsider.revision() - revision).isEqualTo(60);
		assertThat(this.traffic.requests()).isEqualTo(60);
		for (int i = 0; i < 20; i++) {
			this.work.offer("v" + i);
		}
		await().pollDelay(Duration.ofMillis(300)).until(() -> this.work.size() == 20);
		this.traffic.forget();
		assertThat(this.work.receive(20, Duration.ofSeconds(5))).hasSize(20);
		assertThat(this.traffic.requests()).isEqualTo(1);
	}

	private void costs(int requests, int writes, Runnable action) {
		long revision = this.outsider.revision();
		this.traffic.forget();
		action.run();
		assertThat(this.traffic.requests()).as("requests").isEqualTo(requests);
		assertThat(this.outsider.revision() - revision).as("writes").isEqualTo(writes);
	}

	@Test
	void lookingIsARead() {
		this.queue.offer("v");
		costs(1, 0, () -> assertThat(this.queue.peek()).contains("v"));
		costs(1, 0, () -> assertThat(this.queue.size()).isOne());
		costs(1, 0, () -> assertThat(this.work.size()).isZero());
	}

	@Test
	void priorityIsNoRequestMore() {
		DistributedPriorityQueue<String> ranked = this.recipes.priorityQueue("ranked", String.class);
		ranked.offer("warm", 1);
		assertThat(ranked.poll()).contains("warm");
		Managers.awaitWatches(this.manager, 3);
		assertThat(ranked.poll()).isEmpty();
		costs(1, 1, () -> ranked.offer("v", 2));
		costs(1, 1, () -> assertThat(ranked.poll()).contains("v"));
		costs(1, 1, () -> assertThat(this.work.offer(WorkOffer.of("v").withId("7").withPriority(1))).isTrue());
		costs(1, 1, () -> assertThat(this.work.offer(WorkOffer.of("v").withId("7"))).isFalse());
	}

	@Test
	void producersOfOnePriorityDoNotConflict() throws Exception {
		Traffic others = new Traffic();
		List<DistributedPriorityQueue<String>> producers = List.of(this.recipes.priorityQueue("ranked", String.class),
				this.managers.with()
					.traffic(others)
					.start()
					.recipes(Managers.TEXT)
					.priorityQueue("ranked", String.class));
		producers.forEach((producer) -> producer.offer("warm", 1));
		this.traffic.forget();
		others.forget();
		List<CompletableFuture<Void>> offers = new ArrayList<>();
		for (int i = 0; i < 100; i++) {
			DistributedPriorityQueue<String> producer = producers.get(i % 2);
			String value = "v" + i;
			offers.add(CompletableFuture.runAsync(() -> producer.offer(value, 1), THREADS));
		}
		CompletableFuture.allOf(offers.toArray(CompletableFuture<?>[]::new)).get(10, TimeUnit.SECONDS);
		assertThat(this.traffic.requests() + others.requests()).as("none had to be sent again")
			.isLessThanOrEqualTo(100);
		assertThat(producers.get(0).size()).isEqualTo(102);
	}

	@Test
	void workThatIsNotDoneIsAWriteAndWhenItIsDueOneMore() throws Exception {
		warmUpWork(this.work);
		this.work.offer("v");
		WorkItem<String> first = this.work.receive(Duration.ofSeconds(5)).orElseThrow();
		costs(1, 1, () -> first.nack(Duration.ZERO));
		WorkItem<String> second = this.work.receive(Duration.ofSeconds(5)).orElseThrow();
		long revision = this.outsider.revision();
		this.traffic.forget();
		second.nack(Duration.ofMillis(50));
		WorkItem<String> third = this.work.receive(Duration.ofSeconds(5)).orElseThrow();
		assertThat(this.traffic.requests()).as("given back, due, received").isEqualTo(3);
		assertThat(this.outsider.revision() - revision).isEqualTo(3);
		costs(1, 1, () -> third.reject("no use"));
		costs(2, 0, () -> assertThat(this.work.deadLetters().list(10)).hasSize(1));
		costs(1, 0, () -> assertThat(this.work.deadLetters().size()).isOne());
	}

	@Test
	void acknowledgementsOfManyThreadsGoTogether() throws Exception {
		int many = 96;
		warmUpWork(this.work);
		for (int i = 0; i < many; i++) {
			this.work.offer("v" + i);
		}
		List<WorkItem<String>> items = new ArrayList<>();
		while (items.size() < many) {
			items.addAll(this.work.receive(32, Duration.ofSeconds(5)));
		}
		this.traffic.forget();
		// While as many as may be are under way, the others gather.
		List<Fault> held = Stream
			.generate(() -> this.traffic.fault(Fault.Kind.HOLD_REQUEST, TxnRequest.class::isInstance))
			.limit(4)
			.toList();
		List<Thread> threads = items.stream().map((item) -> new Thread(item::ack, "consumer")).toList();
		threads.forEach(Thread::start);
		await().until(() -> held.stream().allMatch(Fault::met) && threads.stream().allMatch(QueueCostTests::isBlocked));
		held.forEach(Fault::release);
		for (Thread thread : threads) {
			thread.join(Duration.ofSeconds(10).toMillis());
		}
		assertThat(this.work.size()).isZero();
		assertThat(this.traffic.requests()).isLessThan(12);
	}

	private static boolean isBlocked(Thread thread) {
		return thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TIMED_WAITING;
	}

	@Test
	void boundIsAReadMore() {
		WorkQueue<String> bounded = this.recipes.workQueue("bounded", String.class,
				WorkQueueOptions.DEFAULTS.withCapacity(2));
		bounded.offer("warm");
		costs(2, 1, () -> bounded.offer("v"));
		costs(1, 0, () -> assertThatExceptionOfType(QueueFullException.class).isThrownBy(() -> bounded.offer("w")));
	}

	@Test
	void pollOfAnEmptyQueueIsARead() {
		long revision = this.outsider.revision();
		assertThat(this.queue.poll()).isEmpty();
		assertThat(this.traffic.requests()).isEqualTo(1);
		assertThat(this.outsider.revision()).isEqualTo(revision);
	}

	@Test
	void consumersWhoWaitAskForNothingAndAreServedByOneWrite() throws Exception {
		List<CompletableFuture<Optional<String>>> consumers = consumers(20);
		AtomicInteger polls = new AtomicInteger();
		await().pollInterval(Duration.ofMillis(50)).until(() -> polls.incrementAndGet() > 10);
		assertThat(this.traffic.requests()).isZero();
		assertThat(this.traffic.watches()).isEmpty();
		this.outsider.put(this.managers.prefix() + "/.queues/jobs/1", "v");
		await().until(() -> consumers.stream().filter(CompletableFuture::isDone).count() == 1);
		assertThat(this.traffic.requests()).isEqualTo(1);
		assertThat(this.traffic.sent(RangeRequest.class)).isEmpty();
	}

	@Test
	void workersWhoWaitAskForNothingAndAreServedByOneWrite() throws Exception {
		WorkQueue<String> elsewhere = this.managers.start().recipes(Managers.TEXT).workQueue("work", String.class);
		warmUpWork(elsewhere);
		List<CompletableFuture<Optional<WorkItem<String>>>> workers = started(
				Collections.nCopies(20, () -> this.work.receive(Duration.ofSeconds(20))));
		AtomicInteger polls = new AtomicInteger();
		await().pollInterval(Duration.ofMillis(50)).until(() -> polls.incrementAndGet() > 10);
		assertThat(this.traffic.requests()).isZero();
		assertThat(this.traffic.watches()).isEmpty();
		elsewhere.offer("v");
		await().until(() -> workers.stream().filter(CompletableFuture::isDone).count() == 1);
		assertThat(this.traffic.requests()).isEqualTo(1);
	}

	@Test
	void claimsOfManyConsumersGoTogether() throws Exception {
		List<CompletableFuture<Optional<String>>> consumers = consumers(200);
		List<String> values = new ArrayList<>();
		for (int i = 0; i < 100; i++) {
			values.add("v" + i);
		}
		this.queue.offerAll(values);
		this.queue.offerAll(values);
		for (CompletableFuture<Optional<String>> consumer : consumers) {
			assertThat(consumer.get(10, TimeUnit.SECONDS)).isPresent();
		}
		assertThat(this.traffic.requests()).isLessThan(30);
	}

	/** If all tried for every value there were 16 requests for each. */
	@Test
	void manyConsumersOfManyProcessesDoNotFightForTheHead() throws Exception {
		manyTakeWith(6, (recipes) -> {
			DistributedQueue<String> jobs = recipes.queue("jobs", String.class);
			return () -> jobs.poll(Duration.ofSeconds(1)).isPresent();
		}, this.queue::offer);
	}

	/** One of them for each is the acknowledgement. */
	@Test
	void manyWorkersOfManyProcessesDoNotFightForTheHead() throws Exception {
		manyTakeWith(7, (recipes) -> {
			WorkQueue<String> jobs = recipes.workQueue("work", String.class);
			return () -> {
				Optional<WorkItem<String>> item = jobs.receive(Duration.ofSeconds(1));
				item.ifPresent(WorkItem::ack);
				return item.isPresent();
			};
		}, this.work::offer);
	}

	/**
	 * What 16 processes ask for who take many values one by one, as they come. Whoever is
	 * too late lets others go first for some milliseconds; where etcd is so slow that the
	 * next value comes after that, it asks for each.
	 */
	private void manyTakeWith(int requestsEach, Function<EtcdRecipes, Callable<Boolean>> takers, Consumer<String> offer)
			throws Exception {
		List<Traffic> all = new ArrayList<>();
		List<Callable<Integer>> consumers = new ArrayList<>();
		AtomicInteger taken = new AtomicInteger();
		for (int i = 0; i < 16; i++) {
			Traffic mine = new Traffic();
			all.add(mine);
			Callable<Boolean> taker = takers.apply(this.managers.with().traffic(mine).start().recipes(Managers.TEXT));
			consumers.add(() -> takeAll(taker, taken));
		}
		List<CompletableFuture<Integer>> ends = started(consumers);
		long start = System.nanoTime();
		for (int i = 0; i < MANY; i++) {
			offer.accept("v" + i);
		}
		long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
		for (CompletableFuture<Integer> end : ends) {
			end.get(30, TimeUnit.SECONDS);
		}
		assertThat(taken).hasValue(MANY);
		assertThat(all.stream().mapToLong(Traffic::requests).sum())
			.as("offered within %s ms; if all ran for each, it were 16 for each", millis)
			.isLessThan(MANY * requestsEach + 16 * millis / 20);
	}

	/** Ends when there is nothing more, however long the next is on its way. */
	private static int takeAll(Callable<Boolean> taker, AtomicInteger taken) throws Exception {
		boolean more = true;
		while (more) {
			if (taker.call()) {
				taken.incrementAndGet();
			}
			else {
				more = taken.get() < MANY;
			}
		}
		return taken.get();
	}

	private List<CompletableFuture<Optional<String>>> consumers(int count) {
		return started(Collections.nCopies(count, () -> this.queue.poll(Duration.ofSeconds(20))));
	}

	/** Returns when all of them have begun. */
	private static <V> List<CompletableFuture<V>> started(List<Callable<V>> actions) {
		AtomicInteger begun = new AtomicInteger();
		List<CompletableFuture<V>> consumers = new ArrayList<>();
		for (Callable<V> action : actions) {
			consumers.add(CompletableFuture.supplyAsync(() -> {
				begun.incrementAndGet();
				try {
					return action.call();
				}
				catch (Exception ex) {
					throw new IllegalStateException(ex);
				}
			}, THREADS));
		}
		await().until(() -> begun.get() == actions.size());
		return consumers;
	}

}
