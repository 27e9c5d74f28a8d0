package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.recipe.DeadLetter;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.QueueFullException;
import io.github.etcdlock.recipe.WorkItem;
import io.github.etcdlock.recipe.WorkOffer;
import io.github.etcdlock.recipe.WorkQueue;
import io.github.etcdlock.recipe.WorkQueueOptions;
import io.github.etcdlock.test.EtcdCluster;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/** What those who put work into a queue, and those who do it, may rely on. */
abstract class WorkQueueContract extends TwoProcesses {

	private final WorkQueue<String> queue;

	private final WorkQueue<String> elsewhere;

	WorkQueueContract(EtcdCluster cluster) {
		super(cluster);
		this.queue = queue(this.recipes);
		this.elsewhere = queue(this.others);
	}

	private static WorkQueue<String> queue(EtcdRecipes etcd) {
		return etcd.workQueue("orders", String.class, WorkQueueOptions.DEFAULTS.withMaxDeliveries(3));
	}

	private static WorkItem<String> next(WorkQueue<String> queue) throws InterruptedException {
		return queue.receive(LONG).orElseThrow();
	}

	// Received and done

	@Test
	void whatIsReceivedIsNobodyElsesUntilItIsDone() throws Exception {
		this.queue.offer("a");
		this.elsewhere.offer("b");
		WorkItem<String> a = next(this.queue);
		WorkItem<String> b = next(this.elsewhere);
		assertThat(List.of(a.value(), b.value())).containsExactly("a", "b");
		assertThat(this.queue.receive(Duration.ZERO)).isEmpty();
		assertThat(this.elsewhere.receive(Duration.ZERO)).isEmpty();
		assertThat(this.queue.size()).isEqualTo(2);
		assertThat(a.delivery()).isEqualTo(1);
		a.ack();
		b.ack();
		assertThat(this.queue.size()).isZero();
		assertThat(this.cluster.contents().under(this.managers.prefix() + "/.work-queues/")).isEmpty();
		assertThatIllegalStateException().isThrownBy(a::ack).withMessageContaining("already acknowledged");
		assertThatIllegalStateException().isThrownBy(() -> a.nack(Duration.ZERO));
	}

	@Test
	void consumerIsWokenByWorkOfAnotherProcess() throws Exception {
		CompletableFuture<Optional<WorkItem<String>>> consumer = consume(this.queue);
		this.elsewhere.offer("a");
		assertThat(consumer.get(5, TimeUnit.SECONDS).orElseThrow().value()).isEqualTo("a");
	}

	@Test
	void severalItemsComeAtATime() throws Exception {
		for (int i = 0; i < 40; i++) {
			this.queue.offer("v" + i);
		}
		List<WorkItem<String>> received = this.elsewhere.receive(32, LONG);
		assertThat(received).hasSize(32).extracting(WorkItem::value).startsWith("v0", "v1").endsWith("v31");
		assertThat(this.elsewhere.receive(32, LONG)).hasSize(8);
		received.forEach(WorkItem::ack);
		assertThat(this.queue.size()).isEqualTo(8);
		assertThatIllegalArgumentException().isThrownBy(() -> this.queue.receive(0, LONG));
	}

	@Test
	void smallerPrioritiesComeFirst() throws Exception {
		this.queue.offer("usual");
		this.queue.offer(WorkOffer.of("urgent").withPriority(1));
		this.queue.offer(WorkOffer.of("late").withPriority(50_000));
		assertThat(List.of(next(this.elsewhere).value(), next(this.elsewhere).value(), next(this.elsewhere).value()))
			.containsExactly("urgent", "usual", "late");
	}

	// Given back

	@Test
	void whatIsGivenBackIsDeliveredAgain() throws Exception {
		this.queue.offer("a");
		WorkItem<String> first = next(this.queue);
		first.nack(Duration.ZERO);
		WorkItem<String> second = next(this.elsewhere);
		assertThat(second.value()).isEqualTo("a");
		assertThat(second.delivery()).isEqualTo(2);
		assertThat(second.handle().fencingToken()).isGreaterThan(first.handle().fencingToken());
		second.ack();
		assertThat(this.queue.receive(Duration.ZERO)).isEmpty();
	}

	@Test
	void whatIsGivenBackWithADelayIsDeliveredAfterIt() throws Exception {
		Duration delay = Duration.ofSeconds(2);
		this.elsewhere.offer("a");
		WorkItem<String> first = next(this.queue);
		long start = System.nanoTime();
		first.nack(delay);
		assertThat(this.elsewhere.receive(Duration.ZERO)).isEmpty();
		assertThat(this.queue.size()).isEqualTo(1);
		WorkItem<String> again = next(this.elsewhere);
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(delay.minusMillis(100));
		assertThat(again.delivery()).isEqualTo(2);
		again.ack();
	}

	@Test
	void delayedItemsComeWhenTheyAreDue() throws Exception {
		for (WorkQueue<String> warm : List.of(this.queue, this.elsewhere)) {
			this.queue.offer("warm");
			next(warm).ack();
		}
		this.queue.offer("much later", Duration.ofHours(1));
		this.queue.offer("later", Duration.ofSeconds(4));
		this.queue.offer("sooner", Duration.ofMillis(1500));
		this.queue.offer("now");
		assertThat(List.of(next(this.elsewhere).value(), next(this.queue).value(), next(this.elsewhere).value()))
			.containsExactly("now", "sooner", "later");
		assertThat(this.elsewhere.receive(Duration.ZERO)).isEmpty();
	}

	@Test
	void closingTheHandleGivesTheItemBack() throws Exception {
		this.queue.offer("a");
		WorkItem<String> item = next(this.queue);
		assertThat(item.handle().isHeld()).isTrue();
		item.handle().close();
		assertThat(item.handle().isHeld()).isFalse();
		assertThat(next(this.elsewhere).delivery()).isEqualTo(2);
		assertThatCode(item.handle()::close).doesNotThrowAnyException();
	}

	// Lost

	@Test
	void itemWhoseClaimIsDeletedIsDeliveredAgain() throws Exception {
		this.elsewhere.offer("a");
		WorkItem<String> lost = next(this.queue);
		AtomicBoolean told = new AtomicBoolean();
		lost.handle().onLost(() -> told.set(true));
		this.outsider.delete(lost.handle().ownershipKeys().get(0));
		WorkItem<String> again = next(this.elsewhere);
		assertThat(again.delivery()).isEqualTo(2);
		await().untilTrue(told);
		assertThat(lost.handle().isHeld()).isFalse();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(lost::ack)
			.withMessageContaining("work queue \"orders\"")
			.withMessageContaining("Others have received it");
		again.ack();
		assertThat(this.queue.size()).isZero();
	}

	@Test
	void itemIsDeliveredAgainWhenTheSessionIsRevoked() throws Exception {
		this.elsewhere.offer("a");
		WorkItem<String> lost = next(this.queue);
		this.outsider.revoke(this.cluster.contents().under(lost.handle().ownershipKeys().get(0)).get(0).lease());
		assertThat(next(this.elsewhere).value()).isEqualTo("a");
		await().until(() -> !lost.handle().isHeld());
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> lost.nack(Duration.ZERO));
	}

	@Test
	void ackOfAnItemThatOthersHaveMeanwhileFails() throws Exception {
		this.queue.offer("a");
		WorkItem<String> lost = next(this.queue);
		String claim = lost.handle().ownershipKeys().get(0);
		this.outsider.delete(claim);
		this.outsider.put(claim, "somebody else");
		assertThatExceptionOfType(LockLostException.class).isThrownBy(lost::ack);
		assertThat(this.queue.size()).isEqualTo(1);
	}

	@Test
	void closingGivesEverythingBackAndLeavesOnlyTheWork() throws Exception {
		this.queue.offer("a");
		WorkItem<String> item = next(this.queue);
		LockHandle handle = item.handle();
		this.manager.close();
		assertThat(handle.isHeld()).isFalse();
		assertThat(next(this.elsewhere).delivery()).isEqualTo(2);
		assertThatExceptionOfType(LockLostException.class).isThrownBy(item::ack);
	}

	// Dead letters

	@Test
	void itemThatIsDeliveredTooOftenBecomesADeadLetter() throws Exception {
		this.queue.offer(WorkOffer.of("a").withId("order/7"));
		for (int i = 1; i <= 3; i++) {
			WorkItem<String> item = next(this.queue);
			assertThat(item.delivery()).isEqualTo(i);
			assertThat(item.id()).isEqualTo("order/7");
			item.nack(Duration.ZERO);
		}
		assertThat(this.queue.receive(Duration.ZERO)).isEmpty();
		assertThat(this.queue.size()).isZero();
		assertThat(this.elsewhere.deadLetters().list(10)).singleElement().satisfies((letter) -> {
			assertThat(letter.id()).isEqualTo("order/7");
			assertThat(letter.value()).contains("a");
			assertThat(letter.deliveries()).isEqualTo(3);
			assertThat(letter.reason()).contains("given back");
		});
		assertThat(this.elsewhere.deadLetters().replay("order/7")).isTrue();
		assertThat(this.elsewhere.deadLetters().replay("order/7")).isFalse();
		WorkItem<String> again = next(this.elsewhere);
		assertThat(again.delivery()).isEqualTo(1);
		again.ack();
	}

	@Test
	void itemWhoseConsumersAlwaysDieBecomesADeadLetter() throws Exception {
		this.queue.offer("deadly");
		for (int i = 0; i < 3; i++) {
			this.outsider.delete(next(this.queue).handle().ownershipKeys().get(0));
		}
		await().until(() -> {
			assertThat(this.queue.receive(Duration.ofMillis(300))).isEmpty();
			return this.queue.deadLetters().size() == 1;
		});
		assertThat(this.queue.deadLetters().list(10)).singleElement()
			.extracting(DeadLetter::reason)
			.asString()
			.contains("3 times");
		assertThat(this.queue.deadLetters().purgeAll()).isEqualTo(1);
		assertThat(this.cluster.contents().under(this.managers.prefix() + "/.work-queues/")).isEmpty();
	}

	@Test
	void valueThatCannotBeReadIsInNobodysWay() throws Exception {
		this.queue.offer("poison");
		this.queue.offer("more poison");
		WorkQueue<Integer> numbers = this.manager.recipes(Managers.TEXT)
			.workQueue("orders", Integer.class, WorkQueueOptions.DEFAULTS);
		await().until(() -> {
			assertThat(numbers.receive(Duration.ofMillis(300))).isEmpty();
			return numbers.deadLetters().size() == 2;
		});
		List<DeadLetter<Integer>> letters = numbers.deadLetters().list(1);
		assertThat(letters).singleElement().satisfies((letter) -> {
			assertThat(letter.value()).isEmpty();
			assertThat(letter.stored()).isEqualTo("poison".getBytes());
			assertThat(letter.reason()).contains("java.lang.Integer");
		});
		assertThat(numbers.deadLetters().purge(letters.get(0).id())).isTrue();
		assertThat(numbers.deadLetters().replayAll()).isEqualTo(1);
		assertThat(next(this.elsewhere).value()).isEqualTo("more poison");
	}

	@Test
	void keyOfSomebodyElseIsInNobodysWay() throws Exception {
		String prefix = this.managers.prefix() + "/.work-queues/orders/";
		this.outsider.put(prefix + "ready/00001/1", "nonsense");
		this.outsider.put(prefix + "ready/nonsense", "1");
		this.outsider.put(prefix + "delayed/00000/nonsense", "nonsense");
		this.outsider.put(prefix + "delayed/nonsense", "0 id");
		this.outsider.put(prefix + "claims/nonsense");
		this.queue.offer("later", Duration.ofMillis(200));
		this.queue.offer("now");
		assertThat(List.of(next(this.queue).value(), next(this.elsewhere).value())).containsExactly("now", "later");
		assertThat(this.elsewhere.receive(Duration.ZERO)).isEmpty();
	}

	@Test
	void rejectedItemIsADeadLetterAtOnce() throws Exception {
		this.queue.offer("a");
		next(this.elsewhere).reject("no such customer");
		assertThat(this.queue.deadLetters().list(5)).singleElement()
			.extracting(DeadLetter::reason)
			.isEqualTo("no such customer");
	}

	// Offers

	@Test
	void oneItemOfAnIdIsInTheQueueAtATime() throws Exception {
		assertThat(this.queue.offer(WorkOffer.of("a").withId("7"))).isTrue();
		assertThat(this.elsewhere.offer(WorkOffer.of("b").withId("7"))).isFalse();
		WorkItem<String> item = next(this.queue);
		assertThat(item.value()).isEqualTo("a");
		assertThat(this.elsewhere.offer(WorkOffer.of("b").withId("7"))).as("it is being worked on").isFalse();
		item.ack();
		assertThat(this.elsewhere.offer(WorkOffer.of("b").withId("7").delayedBy(Duration.ofHours(1)))).isTrue();
		assertThat(this.queue.offer(WorkOffer.of("c").withId("7"))).isFalse();
	}

	@Test
	void fullQueueRefusesWork() throws Exception {
		WorkQueue<String> bounded = this.manager.recipes(Managers.TEXT)
			.workQueue("orders", String.class, WorkQueueOptions.DEFAULTS.withCapacity(2));
		bounded.offer("a");
		bounded.offer(WorkOffer.of("b").withId("7").delayedBy(Duration.ofHours(1)));
		assertThat(bounded.offer(WorkOffer.of("b").withId("7"))).as("it is there").isFalse();
		assertThatExceptionOfType(QueueFullException.class).isThrownBy(() -> bounded.offer("c"))
			.withMessageContaining("holds 2 items");
		next(bounded).ack();
		assertThatCode(() -> bounded.offer("c")).doesNotThrowAnyException();
		assertThatIllegalArgumentException().isThrownBy(() -> this.queue.offer("x".repeat(1_700_000)))
			.withMessageContaining("1700000 bytes");
	}

	@Test
	void workGoesToManyConsumersOnce() throws Exception {
		AtomicInteger left = new AtomicInteger(100);
		List<CompletableFuture<List<String>>> consumers = new ArrayList<>();
		for (int i = 0; i < 8; i++) {
			WorkQueue<String> mine = (i % 2 == 0) ? this.queue : this.elsewhere;
			consumers.add(CompletableFuture.supplyAsync(() -> workUntilIdle(mine, left), THREADS));
		}
		for (int i = 0; i < 100; i++) {
			this.queue.offer("v" + i);
		}
		List<String> all = new ArrayList<>();
		for (CompletableFuture<List<String>> consumer : consumers) {
			all.addAll(consumer.get(60, TimeUnit.SECONDS));
		}
		assertThat(all).hasSize(100).doesNotHaveDuplicates();
		assertThat(this.queue.size()).isZero();
	}

	private static List<String> workUntilIdle(WorkQueue<String> queue, AtomicInteger left) {
		try {
			List<String> done = new ArrayList<>();
			Optional<WorkItem<String>> item;
			while ((item = queue.receive(Duration.ofSeconds(1))).isPresent() || left.get() > 0) {
				if (item.isPresent()) {
					item.get().ack();
					done.add(item.get().value());
					left.decrementAndGet();
				}
			}
			return done;
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static CompletableFuture<Optional<WorkItem<String>>> consume(WorkQueue<String> queue) {
		return CompletableFuture.supplyAsync(() -> {
			try {
				return queue.receive(LONG);
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}, THREADS);
	}

}
