package io.github.etcdlock.etcd;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class LoopTests {

	private final Loop loop = new Loop((steps) -> new Thread(steps, "relief").start());

	@Test
	void stepRunsOnTheThreadThatBringsIt() {
		List<Thread> threads = new ArrayList<>();
		this.loop.run(() -> threads.add(Thread.currentThread()));
		assertThat(threads).containsExactly(Thread.currentThread());
	}

	@Test
	void stepOfAStepComesAfterIt() {
		List<String> order = new ArrayList<>();
		this.loop.run(() -> {
			this.loop.run(() -> order.add("inner"));
			order.add("outer");
		});
		assertThat(order).containsExactly("outer", "inner");
	}

	@Test
	void stepsNeverOverlap() throws Exception {
		int threads = 8;
		int steps = 5000;
		int[] unguarded = new int[1];
		CountDownLatch done = new CountDownLatch(threads * steps);
		for (int t = 0; t < threads; t++) {
			new Thread(() -> {
				for (int i = 0; i < steps; i++) {
					this.loop.run(() -> {
						unguarded[0]++;
						done.countDown();
					});
				}
			}).start();
		}
		assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
		assertThat(unguarded[0]).isEqualTo(threads * steps);
	}

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4, 5, 6, 7, 8 })
	void everyStepIsDoneOnceAndInTheOrderOfItsThread(long seed) throws Exception {
		int threads = 6;
		int steps = 3000;
		List<int[]> done = new ArrayList<>();
		CountDownLatch end = new CountDownLatch(threads * steps);
		for (int t = 0; t < threads; t++) {
			int thread = t;
			Random random = new Random(seed * 31 + t);
			new Thread(() -> {
				for (int i = 0; i < steps; i++) {
					int number = i;
					boolean fails = random.nextInt(5000) == 0;
					Runnable step = () -> {
						done.add(new int[] { thread, number });
						end.countDown();
						if (fails) {
							throw new IllegalStateException("thrown by the test");
						}
					};
					if (random.nextInt(4) == 0) {
						this.loop.enqueue(step);
					}
					else {
						this.loop.run(step);
					}
				}
			}).start();
		}
		assertThat(end.await(30, TimeUnit.SECONDS)).isTrue();
		assertThat(done).hasSize(threads * steps);
		int[] next = new int[threads];
		for (int[] step : done) {
			assertThat(step[1]).isEqualTo(next[step[0]]++);
		}
	}

	@Test
	void stepThatThrowsStopsNothing() {
		AtomicInteger count = new AtomicInteger();
		this.loop.run(() -> {
			this.loop.run(count::incrementAndGet);
			throw new IllegalStateException("thrown by the test");
		});
		this.loop.run(count::incrementAndGet);
		assertThat(count).hasValue(2);
	}

	@Test
	void callerHandsOnWhatIsTooMuchForIt() throws Exception {
		CompletableFuture<Thread> last = new CompletableFuture<>();
		this.loop.run(() -> {
			for (int i = 0; i < 2000; i++) {
				this.loop.run(() -> {
				});
			}
			this.loop.run(() -> last.complete(Thread.currentThread()));
		});
		assertThat(last.get(10, TimeUnit.SECONDS).getName()).isEqualTo("relief");
	}

	@Test
	void reliefDoesNotWaitForCallbacksThatBlock() throws Exception {
		CountDownLatch end = new CountDownLatch(1);
		Timers timers = new Timers();
		try {
			for (int i = 0; i < 16; i++) {
				timers.callback(() -> blockUntil(end));
			}
			CompletableFuture<Void> relieved = new CompletableFuture<>();
			timers.relieve(() -> relieved.complete(null));
			relieved.get(10, TimeUnit.SECONDS);
		}
		finally {
			end.countDown();
			timers.close();
		}
	}

	private static void blockUntil(CountDownLatch end) {
		try {
			end.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
