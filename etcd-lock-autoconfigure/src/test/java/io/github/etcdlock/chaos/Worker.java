package io.github.etcdlock.chaos;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockUnavailableException;
import org.slf4j.LoggerFactory;

/**
 * The main class of a worker: runs its workloads until it is told to stop, or killed.
 * Arguments: name, kind of locks, prefix, TTL in seconds, seed, port of the guard, URL of
 * the database, endpoints, and workloads as in {@code OneHotKey:2,FiftyKeys:3}.
 */
final class Worker {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private static final Duration PATIENCE_WITH_THREADS = Duration.ofSeconds(8);

	private final CountDownLatch stop = new CountDownLatch(1);

	private final List<Thread> threads = new ArrayList<>();

	private final String name;

	private final int guardPort;

	private final long seed;

	private final Supplier<Locks> others;

	private final Locks locks;

	private final String database;

	private Worker(String[] arguments) {
		this.name = arguments[0];
		Locks.Site site = new Locks.Site(List.of(arguments[7].split(",")), arguments[2],
				Duration.ofSeconds(Long.parseLong(arguments[3])), this.name);
		this.seed = Long.parseLong(arguments[4]);
		this.guardPort = Integer.parseInt(arguments[5]);
		this.database = arguments[6];
		this.others = () -> Locks.of(arguments[1], site);
		this.locks = this.others.get();
		warmUp();
		for (String workload : arguments[8].split(",")) {
			String[] part = workload.split(":");
			for (int i = 0; i < Integer.parseInt(part[1]); i++) {
				start(part[0], i);
			}
		}
	}

	public static void main(String[] arguments) throws IOException, InterruptedException {
		((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.INFO);
		Worker worker = new Worker(arguments);
		System.out.println("ready");
		BufferedReader orders = new BufferedReader(new InputStreamReader(System.in));
		String order = orders.readLine();
		while (order != null && !order.equals("stop")) {
			order = orders.readLine();
		}
		System.out.println("left " + worker.stop());
		System.exit(0);
	}

	/**
	 * Takes a lock of its own, for which a JVM that has just begun may need some time.
	 */
	private void warmUp() {
		long end = System.nanoTime() + PATIENCE.toNanos();
		while (true) {
			try {
				this.locks.acquire(LockRequest.of("warm-" + this.name).waitingUpTo(Duration.ofSeconds(1)))
					.ifPresent(Hold::close);
				return;
			}
			catch (LockUnavailableException ex) {
				if (System.nanoTime() > end) {
					throw ex;
				}
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException("Interrupted while warming up", ex);
			}
		}
	}

	private void start(String workload, int number) {
		String client = this.name + "/" + workload + "-" + number;
		Workload work = Workload.of(workload, number);
		Thread thread = new Thread(() -> {
			try (GuardLink guard = new GuardLink(this.guardPort, client)) {
				Random random = new Random(this.seed + client.hashCode());
				Client user = new Client(this.locks, this.others, guard, random, this.stop, this.database);
				while (this.stop.getCount() > 0) {
					work.step(user);
				}
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}, client);
		thread.start();
		this.threads.add(thread);
	}

	/** Ends everything, and returns what could not be ended. */
	private List<String> stop() throws InterruptedException {
		this.stop.countDown();
		long end = System.nanoTime() + PATIENCE.toNanos();
		for (Thread thread : this.threads) {
			thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
		}
		this.locks.close();
		long last = System.nanoTime() + PATIENCE_WITH_THREADS.toNanos();
		while (!living().isEmpty() && System.nanoTime() < last) {
			TimeUnit.MILLISECONDS.sleep(50);
		}
		return living();
	}

	/** Our own threads, gRPC's, and the workloads'. */
	private List<String> living() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.map(Thread::getName)
			.filter((thread) -> thread.startsWith("etcd-lock") || thread.startsWith("grpc")
					|| thread.startsWith(this.name))
			.sorted()
			.toList();
	}

}
