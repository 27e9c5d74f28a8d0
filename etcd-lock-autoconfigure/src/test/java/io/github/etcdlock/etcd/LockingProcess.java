package io.github.etcdlock.etcd;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.test.ChildJvm;
import org.jspecify.annotations.Nullable;

/** A process of its own that locks as it is told, line by line. */
public final class LockingProcess {

	private final LockTemplate locks;

	private final Object order = new Object();

	private int arrivals;

	private @Nullable LockHandle lock;

	private @Nullable CompletableFuture<LockHandle> waiter;

	private LockingProcess(LockTemplate locks) {
		this.locks = locks;
	}

	public static ChildJvm start(String endpoint, String prefix, Duration ttl) {
		ChildJvm child = ChildJvm.start(LockingProcess.class, endpoint, prefix, Long.toString(ttl.toSeconds()));
		child.expect("ready");
		return child;
	}

	public static void main(String[] arguments) throws Exception {
		Duration ttl = Duration.ofSeconds(Long.parseLong(arguments[2]));
		LockSettings settings = new LockSettings(arguments[1], Duration.ofSeconds(60), ttl, ttl.dividedBy(3),
				Duration.ofSeconds(5), "child");
		EtcdConnection connection = new EtcdConnection(List.of(arguments[0].replace("http://", "")), null, null, null,
				Duration.ofSeconds(1));
		try (LeaseManager manager = new LeaseManager(connection, settings, List.of())) {
			LockingProcess process = new LockingProcess(manager.lockTemplate());
			process.warmUp();
			say("ready");
			BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
			String line;
			while ((line = input.readLine()) != null) {
				process.obey(line.split(" "));
			}
		}
	}

	/** The first call of a cold JVM may take longer than a short TTL allows. */
	private void warmUp() throws InterruptedException {
		for (int attempt = 1;; attempt++) {
			try {
				this.locks.acquire("warm-" + ProcessHandle.current().pid()).close();
				return;
			}
			catch (LockUnavailableException ex) {
				if (attempt == 10) {
					throw ex;
				}
			}
		}
	}

	private void obey(String[] command) throws Exception {
		switch (command[0]) {
			case "acquire" -> {
				LockHandle acquired = this.locks.acquire(command[1]);
				this.lock = acquired;
				acquired.onLost(() -> say("lost"));
				say("acquired " + acquired.fencingToken());
			}
			case "wait" -> {
				this.waiter = this.locks.acquireAsync(LockRequest.of(command[1]));
				this.waiter.thenAccept((granted) -> say("granted " + granted.fencingToken()));
				say("waiting");
			}
			case "keep" -> {
				LockHandle kept = this.locks.acquire(command[1]);
				kept.holdAtLeast(Duration.ofMillis(Long.parseLong(command[2])));
				kept.close();
				say("kept");
			}
			case "held" -> say("held " + (this.lock != null && this.lock.isHeld()));
			case "release" -> {
				if (this.lock != null) {
					this.lock.close();
				}
				say("released");
			}
			case "work" -> {
				work(command[1], Integer.parseInt(command[2]), Integer.parseInt(command[3]), Path.of(command[4]));
				say("worked");
			}
			default -> throw new IllegalArgumentException(command[0]);
		}
	}

	/** Threads that count, without any other protection than the lock. */
	private void work(String key, int threads, int rounds, Path folder) throws InterruptedException {
		List<Thread> workers = new ArrayList<>();
		for (int i = 0; i < threads; i++) {
			Thread worker = new Thread(() -> {
				for (int round = 0; round < rounds; round++) {
					countUnderLock(key, folder);
				}
			});
			worker.start();
			workers.add(worker);
		}
		for (Thread worker : workers) {
			worker.join();
		}
	}

	private void countUnderLock(String key, Path folder) {
		CompletableFuture<LockHandle> asked;
		int arrival;
		synchronized (this.order) {
			arrival = this.arrivals++;
			asked = this.locks.acquireAsync(LockRequest.of(key));
		}
		LockHandle mine = asked.join();
		try {
			Path counter = folder.resolve("counter");
			int count = Integer.parseInt(Files.readString(counter));
			String entry = mine.fencingToken() + " " + ProcessHandle.current().pid() + " " + arrival + "\n";
			Files.writeString(folder.resolve("journal"), entry, StandardOpenOption.APPEND);
			Files.writeString(counter, Integer.toString(count + 1), StandardCharsets.US_ASCII,
					StandardOpenOption.TRUNCATE_EXISTING);
		}
		catch (IOException ex) {
			say("failed " + ex);
		}
		finally {
			mine.close();
		}
	}

	private static void say(String line) {
		System.out.println(line);
	}

}
