package io.github.etcdlock.etcd;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

import io.github.etcdlock.EtcdLocks;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockTemplate;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/**
 * Ten thousand virtual threads that wait for one lock, while the flight recorder looks
 * out for carriers that are pinned under code of ours.
 */
final class VirtualThreadsProcess {

	private static final int THREADS = 10_000;

	private static final int THREADS_OF_THE_VIEW = 1000;

	private final ThreadFactory virtual;

	private final LockTemplate locks;

	private int counter;

	private VirtualThreadsProcess(LockTemplate locks) throws ReflectiveOperationException {
		this.locks = locks;
		// Compiled for Java 17, where there are none.
		Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
		this.virtual = (ThreadFactory) Class.forName("java.lang.Thread$Builder").getMethod("factory").invoke(builder);
	}

	public static void main(String[] arguments) throws Exception {
		LockSettings settings = new LockSettings(arguments[1], Duration.ofSeconds(60), Duration.ofSeconds(30),
				Duration.ofSeconds(10), Duration.ofSeconds(5), "virtual");
		EtcdConnection connection = new EtcdConnection(List.of(arguments[0].replace("http://", "")), null, null, null,
				Duration.ofSeconds(3));
		try (LeaseManager manager = new LeaseManager(connection, settings, List.of());
				LeaseManager other = new LeaseManager(connection, settings, List.of());
				Recording recording = new Recording()) {
			// Whoever waits for another to initialize a class of the JDK is pinned, too.
			initialize(manager.lockTemplate());
			recording.enable("jdk.VirtualThreadPinned").withThreshold(Duration.ZERO).withStackTrace();
			recording.start();
			new VirtualThreadsProcess(manager.lockTemplate()).run(other.lockTemplate().acquire("hot"));
			recording.stop();
			Path file = Files.createTempFile("pinned", ".jfr");
			recording.dump(file);
			List<RecordedEvent> all = RecordingFile.readAllEvents(file);
			Files.delete(file);
			System.out.println("on purpose: " + all.stream().filter((event) -> under(event, OnPurpose::isIn)).count());
			List<RecordedEvent> pinned = all.stream()
				.filter((event) -> under(event, VirtualThreadsProcess::ours))
				.toList();
			pinned.forEach((event) -> System.out.println("pinned " + event));
			System.out.println("pinned in all: " + pinned.size());
		}
		System.exit(0);
	}

	private static void initialize(LockTemplate locks) {
		CompletableFuture<String> pending = new CompletableFuture<>();
		pending.whenComplete((result, failure) -> System.out.println(result));
		Lock view = EtcdLocks.asLock(locks, "initialize");
		view.lock();
		view.unlock();
		pending.complete("initialized");
	}

	private static boolean under(RecordedEvent event, Predicate<RecordedFrame> code) {
		return event.getStackTrace() != null && event.getStackTrace().getFrames().stream().anyMatch(code);
	}

	private static boolean ours(RecordedFrame frame) {
		String type = frame.getMethod().getType().getName();
		return type.startsWith("io.github.etcdlock.") && !type.contains("VirtualThreadsProcess");
	}

	private void run(LockHandle held) throws Exception {
		CountDownLatch begun = new CountDownLatch(THREADS);
		List<Future<?>> all = new ArrayList<>();
		for (int i = 0; i < THREADS; i++) {
			all.add(start(() -> {
				begun.countDown();
				return this.locks.execute("hot", (lock) -> ++this.counter);
			}));
		}
		begun.await();
		System.out.println("waiting " + all.stream().filter((thread) -> !thread.isDone()).count());
		Future<Boolean> another = start(() -> this.locks.tryAcquire("free").isPresent());
		System.out.println("another virtual thread runs: " + another.get(10, TimeUnit.SECONDS));
		held.close();
		for (Future<?> thread : all) {
			thread.get();
		}
		System.out.println("counted " + this.counter);
		start(OnPurpose::pin).get();
		runView();
	}

	private <T> Future<T> start(Callable<T> code) {
		FutureTask<T> task = new FutureTask<>(code);
		this.virtual.newThread(task).start();
		return task;
	}

	private void runView() throws InterruptedException {
		Lock view = EtcdLocks.asLock(this.locks, "view");
		int[] entered = new int[1];
		List<Thread> all = new ArrayList<>();
		for (int i = 0; i < THREADS_OF_THE_VIEW; i++) {
			Thread thread = this.virtual.newThread(() -> {
				view.lock();
				entered[0]++;
				view.unlock();
			});
			thread.start();
			all.add(thread);
		}
		for (Thread thread : all) {
			thread.join();
		}
		System.out.println("through a view " + entered[0]);
	}

	/**
	 * A thread that is initializing a class is pinned in every JDK. Otherwise a recorder
	 * that sees nothing would pass for one that has nothing to see.
	 */
	private static final class OnPurpose {

		static {
			LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
		}

		static boolean pin() {
			return true;
		}

		static boolean isIn(RecordedFrame frame) {
			return frame.getMethod().getType().getName().endsWith("OnPurpose");
		}

	}

}
