package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

import io.etcd.jetcd.api.TxnRequest;
import io.github.etcdlock.recipe.WorkItem;
import io.github.etcdlock.recipe.WorkQueue;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Reads and answers that come late, or never: no item stays with nobody. */
class WorkQueueFaultTests {

	private static final Duration LONG = Duration.ofSeconds(8);

	private static final Predicate<Object> CLAIM = (message) -> message instanceof TxnRequest
			&& message.toString().contains("/ready/") && message.toString().contains("request_put")
			&& !message.toString().contains("request_delete");

	private static final Predicate<Object> READ = (message) -> message instanceof TxnRequest
			&& message.toString().contains("range_end");

	private static final Predicate<Object> LOOK_BACK = (message) -> message instanceof TxnRequest
			&& message.toString().contains(" revision: ");

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	@AutoClose
	private final Outsider outsider = new Outsider(etcd.endpoint());

	private final Traffic traffic = new Traffic();

	private final WorkQueue<String> queue = this.managers.with()
		.requestTimeout(Duration.ofSeconds(5))
		.traffic(this.traffic)
		.start()
		.recipes(Managers.TEXT)
		.workQueue("orders", String.class);

	private final WorkQueue<String> elsewhere = this.managers.start()
		.recipes(Managers.TEXT)
		.workQueue("orders", String.class);

	@BeforeEach
	void beginSession() throws Exception {
		this.elsewhere.offer("warm");
		this.queue.receive(LONG).orElseThrow().ack();
		assertThat(this.queue.receive(Duration.ZERO)).isEmpty();
		this.traffic.forget();
	}

	private CompletableFuture<Optional<WorkItem<String>>> consume(Duration wait) {
		return CompletableFuture.supplyAsync(() -> {
			try {
				return this.queue.receive(wait);
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}, TwoProcesses.THREADS);
	}

	@Test
	void itemThatIsClaimedWhileTheQueueIsReadIsNotForgotten() throws Exception {
		Fault read = this.traffic.fault(Fault.Kind.HOLD_REQUEST, READ);
		CompletableFuture<Optional<WorkItem<String>>> consumer = consume(Duration.ZERO);
		read.awaitRequest(TxnRequest.class);
		this.elsewhere.offer("a");
		WorkItem<String> item = consumer.get(5, TimeUnit.SECONDS).orElseThrow();
		read.release();
		read.awaitAnswer();
		this.outsider.delete(item.handle().ownershipKeys().get(0));
		assertThat(this.queue.receive(LONG).orElseThrow().delivery()).isEqualTo(2);
	}

	@Test
	void claimOfWhichNobodyKnowsIsTakenBack() throws Exception {
		AtomicBoolean blind = new AtomicBoolean(true);
		for (int i = 0; i < 200; i++) {
			this.traffic.fault(Fault.Kind.LOSE_REQUEST, (message) -> blind.get() && LOOK_BACK.test(message));
		}
		this.traffic.fault(Fault.Kind.LOSE_ANSWER, CLAIM);
		CompletableFuture<Optional<WorkItem<String>>> consumer = consume(LONG);
		this.elsewhere.offer("a");
		await().until(() -> this.traffic.count(LOOK_BACK) > 0);
		this.outsider.put(this.managers.prefix() + "/other");
		this.outsider.compact();
		blind.set(false);
		assertThat(consumer).failsWithin(Duration.ofSeconds(10)).withThrowableThat().withMessageContaining("compacted");
		assertThat(this.queue.receive(LONG).orElseThrow().delivery()).isEqualTo(2);
	}

}
