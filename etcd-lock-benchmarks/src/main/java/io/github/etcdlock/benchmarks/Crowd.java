package io.github.etcdlock.benchmarks;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Thousands of locks and waiters of one worker process. */
final class Crowd {

	private static final long PATIENCE_SECONDS = 120;

	private final AsyncLockClient client;

	private final List<AsyncLockClient.AsyncHeld> taken = new ArrayList<>();

	private final List<CompletableFuture<?>> waiting = new ArrayList<>();

	private final AtomicLong lastAdmitted = new AtomicLong();

	Crowd(AsyncLockClient client) {
		this.client = client;
	}

	/** Each command's first word, with its answer. */
	String obey(String[] words) throws Exception {
		return switch (words[0]) {
			case "take" -> take(Integer.parseInt(words[1]), words[2]);
			case "queue" -> queue(Integer.parseInt(words[1]), words[2], false);
			case "pass" -> queue(Integer.parseInt(words[1]), words[2], true);
			case "release" -> release();
			case "await" -> awaitAll();
			case "memory" -> memory();
			default -> throw new IllegalArgumentException("No such command: " + words[0]);
		};
	}

	private static String name(String key, int number) {
		return key.startsWith("=") ? key.substring(1) : key + "-" + number;
	}

	private String take(int count, String key) throws Exception {
		List<CompletableFuture<? extends AsyncLockClient.AsyncHeld>> futures = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			futures.add(this.client.lockAsync(name(key, i)));
		}
		for (CompletableFuture<? extends AsyncLockClient.AsyncHeld> future : futures) {
			this.taken.add(future.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
		}
		return "took";
	}

	private String queue(int count, String key, boolean passOn) {
		for (int i = 0; i < count; i++) {
			CompletableFuture<AsyncLockClient.AsyncHeld> admitted = this.client.lockAsync(name(key, i))
				.thenApply((lock) -> {
					this.lastAdmitted.accumulateAndGet(System.nanoTime(), Math::max);
					return lock;
				});
			this.waiting.add(passOn ? admitted.thenCompose(AsyncLockClient.AsyncHeld::unlockAsync)
					: admitted.thenAccept(this::keep));
		}
		return "queued";
	}

	private void keep(AsyncLockClient.AsyncHeld lock) {
		synchronized (this.taken) {
			this.taken.add(lock);
		}
	}

	private String release() throws Exception {
		long start = System.nanoTime();
		CompletableFuture<?>[] ends;
		synchronized (this.taken) {
			ends = this.taken.stream().map(AsyncLockClient.AsyncHeld::unlockAsync).toArray(CompletableFuture<?>[]::new);
			this.taken.clear();
		}
		CompletableFuture.allOf(ends).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
		return "released " + start;
	}

	private String awaitAll() throws Exception {
		CompletableFuture.allOf(this.waiting.toArray(CompletableFuture<?>[]::new))
			.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
		this.waiting.clear();
		return "admitted " + this.lastAdmitted.getAndSet(0);
	}

	/** The heap that is really used, and the threads. */
	private String memory() {
		System.gc();
		System.gc();
		return "memory " + ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() + " "
				+ ManagementFactory.getThreadMXBean().getThreadCount();
	}

}
