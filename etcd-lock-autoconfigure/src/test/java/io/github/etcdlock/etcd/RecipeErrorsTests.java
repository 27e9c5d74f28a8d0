package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.docs.ErrorTable;
import io.github.etcdlock.recipe.DistributedCounter;
import io.github.etcdlock.recipe.EtcdKey;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.EtcdTransaction;
import io.github.etcdlock.recipe.EtcdTransactions;
import io.github.etcdlock.recipe.LeadershipListener;
import io.github.etcdlock.recipe.ServiceInstance;
import io.github.etcdlock.recipe.TransactionMemory;
import io.github.etcdlock.recipe.TransactionResult;
import io.github.etcdlock.recipe.WorkItem;
import io.github.etcdlock.recipe.WorkOffer;
import io.github.etcdlock.recipe.WorkQueue;
import io.github.etcdlock.recipe.WorkQueueOptions;
import io.github.etcdlock.test.EtcdExtension;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static java.util.Map.entry;

/** Every wrong use of a recipe or a transaction of docs/errors.md. */
class RecipeErrorsTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	private final EtcdRecipes recipes = this.managers.start().recipes(Managers.TEXT);

	private final Duration wait = Duration.ofSeconds(1);

	@Test
	void wrongUseIsNamedWithItsCure() throws InterruptedException {
		Map<String, ThrowingCallable> calls = new HashMap<>(recipes());
		calls.putAll(ofOthers());
		calls.putAll(queues());
		calls.putAll(transactions());
		calls.putAll(afterTheEnd());
		ErrorTable.check("Recipes and transactions", calls);
	}

	private Map<String, ThrowingCallable> recipes() {
		EtcdRecipes recipes = this.recipes;
		Duration wait = this.wait;
		recipes.latch("of two", 2).countDown();
		return Map.ofEntries(entry("recipes.election(\" \")", () -> recipes.election(" ")),
				entry("recipes.election(\"e\").campaign(null)", () -> recipes.election("e").campaign(null)),
				entry("recipes.election(\"e\").stand(\"host\", null)", () -> recipes.election("e").stand("host", null)),
				entry("recipes.election(\"e\").observe(null)", () -> recipes.election("e").observe(null)),
				entry("recipes.counter(\"c\").ids(0)", () -> recipes.counter("c").ids(0)),
				entry("recipes.watched(\"\", String.class)", () -> recipes.watched("", String.class)),
				entry("recipes.watched(\"/app/limit\", null)", () -> recipes.watched("/app/limit", null)),
				entry("recipes.semaphore(\"s\", 0)", () -> recipes.semaphore("s", 0)),
				entry("recipes.semaphore(\"s\", 2).acquire(3, wait)", () -> recipes.semaphore("s", 2).acquire(3, wait)),
				entry("recipes.semaphore(\"s\", 2).tryAcquire(1, Duration.ofSeconds(-1))",
						() -> recipes.semaphore("s", 2).tryAcquire(1, Duration.ofSeconds(-1))),
				entry("recipes.rateLimiter(\"r\", 0, wait)", () -> recipes.rateLimiter("r", 0, wait)),
				entry("recipes.rateLimiter(\"r\", 1, Duration.ZERO)", () -> recipes.rateLimiter("r", 1, Duration.ZERO)),
				entry("recipes.rateLimiter(\"r\", 2, wait).tryAcquire(3, wait)",
						() -> recipes.rateLimiter("r", 2, wait).tryAcquire(3, wait)),
				entry("recipes.doubleBarrier(\"d\", 0)", () -> recipes.doubleBarrier("d", 0)),
				entry("recipes.latch(\"l\", 0)", () -> recipes.latch("l", 0)),
				entry("recipes.latch(\"of two\", 3).countDown()", () -> recipes.latch("of two", 3).countDown()),
				entry("ServiceInstance.of(\"shop\", \"host\", 70000)", () -> ServiceInstance.of("shop", "host", 70000)),
				entry("ServiceInstance.of(\"shop\", \"my host\", 80)", () -> ServiceInstance.of("shop", "my host", 80)),
				entry("ServiceInstance.of(\"shop\", \" \", 80)", () -> ServiceInstance.of("shop", " ", 80)));
	}

	private Map<String, ThrowingCallable> ofOthers() throws InterruptedException {
		DistributedCounter foreign = this.recipes.counter("foreign");
		foreign.addAndGet(1);
		try (Outsider outsider = new Outsider(etcd.endpoint())) {
			etcd.cluster()
				.contents()
				.under(this.managers.prefix() + "/.counters/")
				.forEach((key) -> outsider.put(key.name()));
		}
		LockHandle leadership = this.recipes.election("e").campaign("host");
		return Map.of("recipes.counter(\"foreign\").get()", foreign::get, "recipes.counter(\"foreign\").addAndGet(1)",
				() -> foreign.addAndGet(1), "leadership.downgrade()", leadership::downgrade);
	}

	private Map<String, ThrowingCallable> queues() throws InterruptedException {
		EtcdRecipes recipes = this.recipes;
		Duration wait = this.wait;
		WorkQueueOptions bounded = WorkQueueOptions.DEFAULTS.withCapacity(1);
		recipes.workQueue("full", String.class, bounded).offer("first");
		WorkQueue<String> work = recipes.workQueue("work", String.class);
		work.offer("v");
		work.offer("w");
		WorkItem<String> done = work.receive(Duration.ofSeconds(20)).orElseThrow();
		WorkItem<String> item = work.receive(Duration.ofSeconds(20)).orElseThrow();
		done.ack();
		return Map.ofEntries(
				entry("recipes.workQueue(\"w\", String.class).receive(0, wait)",
						() -> recipes.workQueue("w", String.class).receive(0, wait)),
				entry("recipes.queue(\"q\", null)", () -> recipes.queue("q", null)),
				entry("recipes.queue(\"q\", String.class).poll(Duration.ofSeconds(-1))",
						() -> recipes.queue("q", String.class).poll(Duration.ofSeconds(-1))),
				entry("recipes.queue(\"q\", String.class).offerAll(thousand)",
						() -> recipes.queue("q", String.class).offerAll(Collections.nCopies(1000, "v"))),
				entry("recipes.queue(\"q\", String.class).offer(\"v\".repeat(2_000_000))",
						() -> recipes.queue("q", String.class).offer("v".repeat(2_000_000))),
				entry("recipes.priorityQueue(\"p\", String.class).offer(\"v\", -1)",
						() -> recipes.priorityQueue("p", String.class).offer("v", -1)),
				entry("done.ack()", done::ack),
				entry("item.nack(Duration.ofSeconds(-1))", () -> item.nack(Duration.ofSeconds(-1))),
				entry("item.handle().onLost(null)", () -> item.handle().onLost(null)),
				entry("WorkOffer.of(\"v\").withId(\" \")", () -> WorkOffer.of("v").withId(" ")),
				entry("recipes.queue(\"q\", String.class).offer(null)",
						() -> recipes.queue("q", String.class).offer(null)),
				entry("recipes.queue(\"q\", String.class).drain(0)", () -> recipes.queue("q", String.class).drain(0)),
				entry("WorkOffer.of(null)", () -> WorkOffer.of(null)),
				entry("WorkOffer.of(\"v\").delayedBy(Duration.ofSeconds(-1))",
						() -> WorkOffer.of("v").delayedBy(Duration.ofSeconds(-1))),
				entry("WorkOffer.of(\"v\").withPriority(-1)", () -> WorkOffer.of("v").withPriority(-1)),
				entry("WorkQueueOptions.DEFAULTS.withMaxDeliveries(0)",
						() -> WorkQueueOptions.DEFAULTS.withMaxDeliveries(0)),
				entry("WorkQueueOptions.DEFAULTS.withCapacity(-1)", () -> WorkQueueOptions.DEFAULTS.withCapacity(-1)),
				entry("recipes.workQueue(\"full\", String.class, bounded).offer(\"second\")",
						() -> recipes.workQueue("full", String.class, bounded).offer("second")));
	}

	private Map<String, ThrowingCallable> afterTheEnd() {
		LeaseManager manager = this.managers.start();
		EtcdRecipes closed = manager.recipes(Managers.TEXT);
		manager.close();
		return Map.of("closed.queue(\"q\", String.class).offer(\"v\")",
				() -> closed.queue("q", String.class).offer("v"), "closed.workQueue(\"w\", String.class).receive(wait)",
				() -> closed.workQueue("w", String.class).receive(this.wait),
				"closed.election(\"e\").stand(\"host\", listener)",
				() -> closed.election("e").stand("host", new LeadershipListener() {
				}), "closed.registry().register(instance)",
				() -> closed.registry().register(ServiceInstance.of("shop", "host", 80)),
				"closed.semaphore(\"s\", 1).acquire(1, wait)", () -> closed.semaphore("s", 1).acquire(1, this.wait));
	}

	private Map<String, ThrowingCallable> transactions() {
		EtcdTransactions transactions = this.recipes.transactions();
		EtcdKey<String> limit = EtcdKey.of("/app/limit", String.class);
		EtcdKey<String> ours = EtcdKey.of(this.managers.prefix() + "/a", String.class);
		TransactionMemory over = transactions.run((memory) -> memory);
		TransactionResult result = transactions.commit(EtcdTransaction.when().then(limit.delete()));
		return Map.ofEntries(entry("EtcdKey.of(\"\", String.class)", () -> EtcdKey.of("", String.class)),
				entry("EtcdKey.of(\"/app/limit\", null)", () -> EtcdKey.of("/app/limit", null)),
				entry("limit.put(null)", () -> limit.put(null)),
				entry("limit.hasValue(null)", () -> limit.hasValue(null)),
				entry("transactions.run(Duration.ofSeconds(-1), action)",
						() -> transactions.run(Duration.ofSeconds(-1), (memory) -> memory.get(limit))),
				entry("transactions.run((memory) -> memory.put(limit, null))", () -> transactions.run((memory) -> {
					memory.put(limit, null);
					return true;
				})), entry("memoryOfATransactionThatIsOver.get(limit)", () -> over.get(limit)),
				entry("transactions.commit(EtcdTransaction.when().then(ours.delete()))",
						() -> transactions.commit(EtcdTransaction.when().then(ours.delete()))),
				entry("transactions.commit(EtcdTransaction.when().then(limit.put(\"1\"), limit.put(\"2\")))",
						() -> transactions.commit(EtcdTransaction.when().then(limit.put("1"), limit.put("2")))),
				entry("transactions.commit(EtcdTransaction.when().then(limit.delete())).get(limit)",
						() -> result.get(limit)));
	}

}
