package io.github.etcdlock.etcd;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.recipe.DistributedCounter;
import io.github.etcdlock.recipe.DoubleBarrier;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.test.ChildJvm;

/**
 * A process of its own that has a part in every recipe, for whoever kills it in the
 * middle.
 */
final class RecipeProcess {

	static final Duration TTL = Duration.ofSeconds(3);

	/** Of the rate limiter. */
	static final Duration PERIOD = Duration.ofMillis(500);

	private static final Duration LONG = Duration.ofSeconds(30);

	private final EtcdRecipes recipes;

	private RecipeProcess(EtcdRecipes recipes) {
		this.recipes = recipes;
	}

	static ChildJvm start(String endpoint, String prefix) {
		return ChildJvm.start(RecipeProcess.class, endpoint, prefix);
	}

	public static void main(String[] arguments) throws Exception {
		// A cold process may need more than the third of a short TTL.
		LockSettings settings = new LockSettings(arguments[1], LONG, TTL, TTL, Duration.ofSeconds(5), "child");
		EtcdConnection connection = new EtcdConnection(List.of(arguments[0].replace("http://", "")), null, null, null,
				Duration.ofSeconds(1));
		try (LeaseManager manager = new LeaseManager(connection, settings, List.of())) {
			RecipeProcess process = new RecipeProcess(manager.recipes(Managers.TEXT));
			process.warmUp();
			say("ready");
			BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
			String line;
			while ((line = input.readLine()) != null) {
				process.obey(line);
			}
		}
	}

	/** The first call of a cold JVM may take longer than a short TTL allows. */
	private void warmUp() {
		for (int attempt = 1;; attempt++) {
			try {
				this.recipes.counter("warm").addAndGet(1);
				return;
			}
			catch (LockUnavailableException ex) {
				if (attempt == 10) {
					throw ex;
				}
			}
		}
	}

	private void obey(String command) throws Exception {
		switch (command) {
			case "hold" -> hold();
			case "meet" -> meet();
			case "wait" -> waitForAll();
			default -> throw new IllegalArgumentException(command);
		}
	}

	/** Takes one of everything that can be held. */
	private void hold() throws Exception {
		this.recipes.semaphore("semaphore", 3).acquire(2, LONG);
		say("term " + this.recipes.election("election").campaign("holder").fencingToken());
		this.recipes.barrier("barrier").hold();
		this.recipes.latch("latch", 2).countDown();
		this.recipes.readWriteLock("written").write();
		this.recipes.readWriteLock("read").read();
		LongSupplier ids = this.recipes.counter("ids").ids(10);
		say("ids " + ids.getAsLong() + " " + ids.getAsLong());
	}

	/** Waits for one, stays in another, and is about to leave the last. */
	private void meet() throws Exception {
		begin(() -> this.recipes.doubleBarrier("gathering", 3).enter(LONG));
		this.recipes.doubleBarrier("inside", 2).enter(LONG).orElseThrow();
		DoubleBarrier.Visit visit = this.recipes.doubleBarrier("leaving", 2).enter(LONG).orElseThrow();
		begin(() -> visit.leave(LONG));
		say("met");
		begin(this::count);
		this.recipes.rateLimiter("limiter", 4, PERIOD).tryAcquire(4, LONG);
		say("used");
	}

	private void count() {
		DistributedCounter counter = this.recipes.counter("counter");
		while (true) {
			say("counted " + counter.addAndGet(1));
		}
	}

	/** Stands behind whoever holds it. */
	private void waitForAll() {
		begin(() -> this.recipes.semaphore("semaphore", 3).acquire(2, LONG));
		begin(() -> this.recipes.election("election").campaign("waiter"));
		begin(() -> this.recipes.barrier("barrier").await(LONG));
		begin(() -> this.recipes.latch("latch", 2).await(LONG));
		begin(() -> this.recipes.readWriteLock("written").read());
		begin(() -> this.recipes.readWriteLock("read").write());
		say("waiting");
	}

	private interface Action {

		void run() throws Exception;

	}

	private static void begin(Action action) {
		Thread thread = new Thread(() -> {
			try {
				action.run();
			}
			catch (Exception ex) {
				say("failed " + ex);
			}
		});
		thread.setDaemon(true);
		thread.start();
	}

	private static void say(String line) {
		System.out.println(line);
	}

}
