package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.etcdlock.EtcdLockException;
import io.github.etcdlock.recipe.WorkItem;
import io.github.etcdlock.recipe.WorkQueue;
import io.github.etcdlock.recipe.WorkQueueOptions;
import io.github.etcdlock.test.ChildJvm;

/** A process of its own that works on a queue until it is told to stop. */
final class WorkingProcess {

	/** How often this queue delivers at most: whoever is killed has received in vain. */
	static final WorkQueueOptions OPTIONS = WorkQueueOptions.DEFAULTS.withMaxDeliveries(1000);

	private WorkingProcess() {
	}

	/** Its requests have half a TTL, so one with a long TTL bears a busy machine. */
	static ChildJvm start(String endpoint, String prefix, Duration ttl, int threads, int atATime) {
		return ChildJvm.start(WorkingProcess.class, endpoint, prefix, ttl.toString(), Integer.toString(threads),
				Integer.toString(atATime));
	}

	public static void main(String[] arguments) throws Exception {
		Duration ttl = Duration.parse(arguments[2]);
		LockSettings settings = new LockSettings(arguments[1], Duration.ofSeconds(10), ttl, ttl.dividedBy(2),
				Duration.ofSeconds(5), "child");
		EtcdConnection connection = new EtcdConnection(List.of(arguments[0].replace("http://", "")), null, null, null,
				Duration.ofSeconds(1));
		try (LeaseManager manager = new LeaseManager(connection, settings, List.of())) {
			WorkQueue<String> queue = manager.recipes(Managers.TEXT).workQueue("work", String.class, OPTIONS);
			AtomicInteger done = new AtomicInteger();
			ExecutorService hands = Executors.newCachedThreadPool();
			for (int i = 0; i < Integer.parseInt(arguments[3]); i++) {
				Thread worker = new Thread(() -> work(queue, Integer.parseInt(arguments[4]), hands, done));
				worker.setDaemon(true);
				worker.start();
			}
			say("ready");
			while (System.in.read() >= 0) {
				say("done " + done.get());
			}
		}
	}

	private static void work(WorkQueue<String> queue, int atATime, ExecutorService hands, AtomicInteger done) {
		while (true) {
			try {
				List<WorkItem<String>> items = queue.receive(atATime, Duration.ofSeconds(10));
				items.forEach((item) -> say("item " + item.value() + " " + item.delivery()));
				CompletableFuture
					.allOf(items.stream()
						.map((item) -> CompletableFuture.runAsync(() -> acknowledge(item, done), hands))
						.toArray(CompletableFuture<?>[]::new))
					.join();
			}
			catch (EtcdLockException ex) {
				sayLost(ex);
			}
			catch (InterruptedException ex) {
				return;
			}
		}
	}

	/** At the same time as the others of a receipt, so that they go together. */
	private static void acknowledge(WorkItem<String> item, AtomicInteger done) {
		try {
			item.ack();
			say("acked " + item.value());
			done.incrementAndGet();
		}
		catch (EtcdLockException ex) {
			sayLost(ex);
		}
	}

	private static void sayLost(EtcdLockException ex) {
		say("lost " + ex);
	}

	private static synchronized void say(String line) {
		System.out.println(line);
	}

}
