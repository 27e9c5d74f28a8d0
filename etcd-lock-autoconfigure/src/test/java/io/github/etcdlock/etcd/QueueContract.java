package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import io.github.etcdlock.recipe.DistributedPriorityQueue;
import io.github.etcdlock.recipe.DistributedQueue;
import io.github.etcdlock.recipe.UnreadableValueException;
import io.github.etcdlock.recipe.ValueFormat;
import io.github.etcdlock.test.EtcdCluster;
import io.github.etcdlock.test.EtcdContents;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/** What producers and consumers of a queue may rely on. */
abstract class QueueContract extends TwoProcesses {

	private final DistributedQueue<String> queue;

	private final DistributedQueue<String> elsewhere;

	QueueContract(EtcdCluster cluster) {
		super(cluster);
		this.queue = this.recipes.queue("jobs", String.class);
		this.elsewhere = this.others.queue("jobs", String.class);
	}

	// First in, first out

	@Test
	void valuesComeOutInTheOrderTheyWentIn() throws Exception {
		for (int i = 0; i < 20; i++) {
			((i % 2 == 0) ? this.queue : this.elsewhere).offer("v" + i);
		}
		assertThat(this.queue.size()).isEqualTo(20);
		assertThat(this.queue.peek()).contains("v0");
		for (int i = 0; i < 20; i++) {
			assertThat(((i % 3 == 0) ? this.queue : this.elsewhere).poll(LONG)).contains("v" + i);
		}
		assertThat(this.queue.poll()).isEmpty();
		assertThat(this.elsewhere.poll()).isEmpty();
		assertThat(this.queue.peek()).isEmpty();
		assertThat(this.queue.size()).isZero();
	}

	@Test
	void whatWasOfferedIsThereForEveryPollThatBeginsLater() {
		for (int i = 0; i < 30; i++) {
			this.queue.offer("v" + i);
			assertThat(this.elsewhere.poll()).contains("v" + i);
			assertThat(this.queue.poll()).isEmpty();
			this.queue.offer("w" + i);
			assertThat(this.queue.poll()).contains("w" + i);
		}
	}

	@Test
	void severalValuesGoInTogetherAndInOrder() {
		List<String> values = IntStream.range(0, 100).mapToObj((i) -> "v" + i).toList();
		this.queue.offer("first");
		this.queue.offerAll(values);
		this.queue.offerAll(List.of());
		assertThat(this.cluster.contents().under(this.managers.prefix() + "/.queues/jobs/"))
			.extracting(EtcdContents.Key::createRevision)
			.as("one write for the first, and one for all others")
			.hasSize(101)
			.satisfies((revisions) -> assertThat(Set.copyOf(revisions)).hasSize(2));
		assertThat(this.elsewhere.poll()).contains("first");
		assertThat(this.elsewhere.drain(30)).isEqualTo(values.subList(0, 30));
		assertThat(this.elsewhere.drain(1000)).isEqualTo(values.subList(30, 100));
		assertThat(this.elsewhere.drain(1000)).isEmpty();
	}

	@Test
	void consumerIsWokenByAValueOfAnotherProcess() throws Exception {
		CompletableFuture<Optional<String>> consumer = consume(this.queue, LONG);
		await().until(() -> watching(this.manager));
		assertThat(consumer).isNotDone();
		this.elsewhere.offer("v");
		assertThat(consumer.get(5, TimeUnit.SECONDS)).contains("v");
	}

	@Test
	void consumerGivesUpWhenItsTimeIsOver() throws Exception {
		long start = System.nanoTime();
		assertThat(this.queue.poll(Duration.ofMillis(300))).isEmpty();
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(290),
				Duration.ofSeconds(3));
		this.queue.offer("v");
		assertThat(this.queue.poll()).contains("v");
	}

	@Test
	void interruptedConsumerTakesNothing() throws Exception {
		List<Throwable> thrown = Collections.synchronizedList(new ArrayList<>());
		Thread consumer = new Thread(() -> {
			try {
				this.queue.poll(LONG);
			}
			catch (InterruptedException ex) {
				thrown.add(ex);
			}
		});
		consumer.start();
		await().until(() -> watching(this.manager));
		consumer.interrupt();
		consumer.join(5000);
		assertThat(thrown).hasSize(1);
		this.elsewhere.offer("v");
		assertThat(this.elsewhere.poll()).contains("v");
	}

	@Test
	void everyValueGoesToOneConsumer() throws Exception {
		int many = 300;
		List<CompletableFuture<List<String>>> consumers = new ArrayList<>();
		for (int i = 0; i < 16; i++) {
			DistributedQueue<String> mine = (i % 2 == 0) ? this.queue : this.elsewhere;
			consumers.add(CompletableFuture.supplyAsync(() -> {
				List<String> got = new ArrayList<>();
				for (String one = next(mine); !one.equals("end"); one = next(mine)) {
					got.add(one);
				}
				return got;
			}, THREADS));
		}
		for (int i = 0; i < many; i += 50) {
			this.queue.offerAll(IntStream.range(i, i + 50).mapToObj((n) -> "v" + n).toList());
		}
		this.elsewhere.offerAll(Collections.nCopies(16, "end"));
		List<String> all = new ArrayList<>();
		for (CompletableFuture<List<String>> consumer : consumers) {
			all.addAll(consumer.get(20, TimeUnit.SECONDS));
		}
		assertThat(all).hasSize(many).doesNotHaveDuplicates();
	}

	private static String next(DistributedQueue<String> queue) {
		try {
			return queue.poll(LONG).orElseThrow();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void queuesOfSimilarNamesAreApart() {
		this.recipes.queue("jobs2", String.class).offer("b");
		this.recipes.queue("jobs/x", String.class).offer("c");
		assertThat(this.queue.poll()).isEmpty();
		assertThat(this.queue.size()).isZero();
		assertThat(this.others.queue("jobs2", String.class).poll()).contains("b");
	}

	@Test
	void longQueueIsReadInParts() {
		for (int i = 0; i < 3000; i += 100) {
			this.queue.offerAll(IntStream.range(i, i + 100).mapToObj(String::valueOf).toList());
		}
		for (int i = 0; i < 30; i++) {
			assertThat(this.elsewhere.drain(100))
				.isEqualTo(IntStream.range(i * 100, i * 100 + 100).mapToObj(String::valueOf).toList());
			this.queue.offer("late" + i);
		}
		assertThat(this.elsewhere.drain(100)).hasSize(30).first().isEqualTo("late0");
	}

	// Values

	@Test
	void bytesAreStoredAsTheyAre() {
		DistributedQueue<byte[]> bytes = this.recipes.queue("bytes", byte[].class);
		bytes.offer(new byte[] { 0, -1, 7 });
		assertThat(bytes.poll()).hasValueSatisfying((value) -> assertThat(value).containsExactly(0, -1, 7));
	}

	@Test
	void valueThatCannotBeReadIsTakenAndShown() {
		this.queue.offer("no number");
		this.queue.offer("next");
		DistributedQueue<Integer> numbers = this.others.queue("jobs", Integer.class);
		assertThatExceptionOfType(UnreadableValueException.class).isThrownBy(numbers::poll)
			.withMessageContaining("queue \"jobs\"")
			.withMessageContaining("java.lang.Integer")
			.satisfies((ex) -> assertThat(ex.stored()).isEqualTo("no number".getBytes()));
		assertThat(this.queue.poll()).contains("next");
	}

	@Test
	void valueThatCannotBeReadDoesNotTakeOthersAlong() {
		DistributedQueue<Thread.State> states = this.manager.recipes(new ValueFormat() {

			@Override
			public byte[] write(Object value) {
				return value.toString().getBytes();
			}

			@Override
			public <V> V read(byte[] bytes, Class<V> type) {
				String text = new String(bytes);
				return type.cast(text.equals("nothing") ? null : Thread.State.valueOf(text));
			}

		}).queue("jobs", Thread.State.class);
		this.queue.offerAll(List.of("NEW", "poison", "nothing", "BLOCKED"));
		assertThat(states.drain(10)).containsExactly(Thread.State.NEW, Thread.State.BLOCKED);
		this.queue.offer("nothing");
		assertThatExceptionOfType(UnreadableValueException.class).isThrownBy(states::poll)
			.withMessageContaining("it is null");
		this.queue.offer("poison");
		assertThatExceptionOfType(UnreadableValueException.class).isThrownBy(() -> states.drain(10));
	}

	@Test
	void drainOfNothingIsRefused() {
		this.queue.offer("a");
		assertThatIllegalArgumentException().isThrownBy(() -> this.queue.drain(0))
			.withMessageContaining("queue \"jobs\" takes 1 value at least");
		assertThatIllegalArgumentException().isThrownBy(() -> this.queue.drain(-1));
		assertThat(this.queue.poll()).contains("a");
	}

	@Test
	void valueOverTheLimitIsRefusedWithItsSize() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.queue.offer("x".repeat(1_700_000)))
			.withMessageContaining("queue \"jobs\"")
			.withMessageContaining("1700000 bytes");
		assertThatIllegalArgumentException().isThrownBy(() -> this.queue.offer("x".repeat(3_000_000)))
			.withMessageContaining("3000000 bytes");
		assertThatIllegalArgumentException().isThrownBy(() -> this.queue.offerAll(Collections.nCopies(200, "v")))
			.withMessageContaining("200 values");
		assertThatIllegalArgumentException().isThrownBy(() -> this.queue.poll(Duration.ofSeconds(-1)));
		this.queue.offer("x".repeat(1_400_000));
		assertThat(this.elsewhere.poll()).hasValueSatisfying((value) -> assertThat(value).hasSize(1_400_000));
	}

	// Priorities

	@Test
	void smallerNumbersComeFirstAndAgeCountsWithinANumber() throws Exception {
		DistributedPriorityQueue<String> ranked = this.recipes.priorityQueue("jobs", String.class);
		DistributedPriorityQueue<String> there = this.others.priorityQueue("jobs", String.class);
		ranked.offer("last", DistributedPriorityQueue.LAST);
		there.offer("five-a", 5);
		ranked.offer("five-b", 5);
		there.offer("five-c", 5);
		ranked.offer("zero", 0);
		ranked.offer("forty", 40);
		assertThat(ranked.peek()).contains("zero");
		assertThat(ranked.size()).isEqualTo(6);
		assertThat(IntStream.range(0, 6).mapToObj((i) -> ranked.poll().orElseThrow())).containsExactly("zero", "five-a",
				"five-b", "five-c", "forty", "last");
		ranked.offer("nine", 9);
		ranked.offer("three", 3);
		assertThat(ranked.poll()).contains("three");
		assertThat(there.poll(LONG)).contains("nine");
		assertThat(there.poll()).isEmpty();
		assertThat(this.queue.poll()).as("the other kind of queue").isEmpty();
		assertThatIllegalArgumentException().isThrownBy(() -> ranked.offer("v", 65_536)).withMessageContaining("65536");
	}

	// With Go

	/** What client/v3/experimental/recipes of etcd writes and reads. */
	@Test
	void goProgramIsAtTheOtherEndOfAQueue() {
		String prefix = this.managers.prefix() + "/.queues/jobs/";
		this.outsider.put(prefix + "/1732250000000000000", "go");
		this.queue.offer("java");
		this.outsider.put(prefix + "/1632250000000000000", "go again");
		List<EtcdContents.Key> oldestFirst = this.cluster.contents()
			.under(prefix)
			.stream()
			.sorted((a, b) -> Long.compare(a.createRevision(), b.createRevision()))
			.toList();
		assertThat(oldestFirst).extracting(EtcdContents.Key::value).containsExactly("go", "java", "go again");
		assertThat(this.elsewhere.poll()).contains("go");
		this.outsider.delete(oldestFirst.get(1).name());
		assertThat(this.elsewhere.poll()).contains("go again");
	}

	@Test
	void goProgramIsAtTheOtherEndOfAPriorityQueue() {
		DistributedPriorityQueue<String> ranked = this.recipes.priorityQueue("jobs", String.class);
		String prefix = this.managers.prefix() + "/.priority-queues/jobs/";
		this.outsider.put(prefix + "00007/0000000000000000", "go");
		ranked.offer("java", 7);
		ranked.offer("first", 6);
		List<String> keys = this.cluster.contents().under(prefix).stream().map(EtcdContents.Key::name).toList();
		assertThat(keys.get(0)).matches(".*/00006/\\d{19}-[0-9a-f]+");
		assertThat(this.cluster.contents().under(prefix)).extracting(EtcdContents.Key::value)
			.containsExactly("first", "go", "java");
		assertThat(IntStream.range(0, 3).mapToObj((i) -> ranked.poll().orElseThrow())).containsExactly("first", "go",
				"java");
	}

	// End

	@Test
	void closingEndsConsumersAndLeavesNothing() throws Exception {
		CompletableFuture<Optional<String>> consumer = consume(this.queue, LONG);
		await().until(() -> watching(this.manager));
		this.elsewhere.offer("a");
		assertThat(consumer.get(5, TimeUnit.SECONDS)).contains("a");
		CompletableFuture<Optional<String>> second = consume(this.queue, LONG);
		this.managers.closeAndLeaveNothing();
		assertThat(second).failsWithin(Duration.ofSeconds(5))
			.withThrowableThat()
			.withCauseInstanceOf(IllegalStateException.class);
		assertThatIllegalStateException().isThrownBy(() -> this.queue.offer("b"))
			.withMessageContaining("queue \"jobs\"");
	}

	private static boolean watching(LeaseManager manager) {
		CompletableFuture<Integer> watches = new CompletableFuture<>();
		manager.engine().loop().run(() -> watches.complete(manager.engine().watches().size()));
		return watches.join() > 0;
	}

	private static CompletableFuture<Optional<String>> consume(DistributedQueue<String> queue, Duration wait) {
		return CompletableFuture.supplyAsync(() -> {
			try {
				return queue.poll(wait);
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}, THREADS);
	}

}
