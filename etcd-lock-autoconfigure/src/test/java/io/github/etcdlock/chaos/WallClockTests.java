package io.github.etcdlock.chaos;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.test.ChildJvm;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

/** That a worker sees the steps of its wall clock, and nothing else changes. */
class WallClockTests {

	private static final Duration SLEEP = Duration.ofMillis(200);

	@Test
	void stepsTheWallClockAndLeavesTheMonotonicOne() {
		Path library = WallClock.library();
		assumeThat(library).as("libfaketime").isNotNull();
		try (WallClock clock = new WallClock(library);
				ChildJvm child = ChildJvm.start(clock.environment(), List.of(), Clocks.class)) {
			clock.step(Duration.ofMinutes(-1));
			await().until(() -> ahead(child) < -59_000);
			clock.step(Duration.ofMinutes(1));
			await().until(() -> ahead(child) > 59_000);
			assertThat(slept(child)).isGreaterThanOrEqualTo(SLEEP.toMillis());
			clock.step(Duration.ZERO);
			await().until(() -> Math.abs(ahead(child)) < 1000);
			child.kill();
			clock.forget(child.pid());
		}
	}

	/** How far the child's wall clock is ahead of ours, in milliseconds. */
	private static long ahead(ChildJvm child) {
		child.send("time");
		return Long.parseLong(child.expect("wall ")) - System.currentTimeMillis();
	}

	private static long slept(ChildJvm child) {
		child.send("time");
		return Long.parseLong(child.expect("slept "));
	}

	static final class Clocks {

		public static void main(String[] arguments) throws InterruptedException {
			Scanner orders = new Scanner(System.in);
			Semaphore never = new Semaphore(0);
			while (orders.hasNextLine()) {
				orders.nextLine();
				System.out.println("wall " + System.currentTimeMillis());
				long start = System.nanoTime();
				never.tryAcquire(SLEEP.toMillis(), TimeUnit.MILLISECONDS);
				System.out.println("slept " + (System.nanoTime() - start) / 1_000_000);
			}
		}

	}

}
