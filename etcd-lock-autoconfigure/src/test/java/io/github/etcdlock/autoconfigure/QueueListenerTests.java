package io.github.etcdlock.autoconfigure;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.QueueListener;
import io.github.etcdlock.recipe.WorkItem;
import io.github.etcdlock.recipe.WorkQueue;
import io.github.etcdlock.recipe.WorkQueueOptions;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.StandardEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Methods that work on queues. */
@ExtendWith(OutputCaptureExtension.class)
class QueueListenerTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private final String prefix = etcd.freshPrefix();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(EtcdLockAutoConfiguration.class, EtcdRecipesAutoConfiguration.class))
		.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint(), "etcd-lock.key-prefix=" + this.prefix,
				"shop.threads=4");

	record Order(String number, int pieces) {
	}

	@Test
	void itemIsAcknowledgedWhenTheMethodReturnsAndDeliveredAgainWhenItThrows() {
		this.runner.withBean(Packers.class).run((context) -> {
			assertThat(context).hasNotFailed();
			WorkQueue<Order> orders = context.getBean(EtcdRecipes.class).workQueue("orders", Order.class);
			Packers packers = context.getBean(Packers.class);
			for (int i = 0; i < 20; i++) {
				orders.offer(new Order("o" + i, i));
			}
			orders.offer(new Order("flaky", 1));
			await().until(() -> packers.packed.size() == 21 && orders.size() == 0);
			assertThat(packers.packed).doesNotHaveDuplicates().contains("o0 1", "flaky 3");
			assertThat(packers.threads).hasSizeBetween(2, 4).allMatch((name) -> name.startsWith("queue-orders-"));
			orders.offer(new Order("impossible", 0));
			await().until(() -> orders.deadLetters().size() == 1);
			assertThat(orders.deadLetters().list(1).get(0).deliveries()).isEqualTo(4);
		});
	}

	@Test
	void stoppingTheApplicationLetsTheWorkEndAndTakesNoMore() throws Exception {
		CountDownLatch begun = new CountDownLatch(1);
		CountDownLatch end = new CountDownLatch(1);
		List<String> done = new CopyOnWriteArrayList<>();
		this.runner.withBean(Slow.class, () -> new Slow(begun, end, done)).run((context) -> {
			WorkQueue<String> slow = context.getBean(EtcdRecipes.class).workQueue("slow", String.class);
			slow.offer("a");
			slow.offer("b");
			assertThat(begun.await(5, TimeUnit.SECONDS)).isTrue();
			QueueListeners listeners = context.getBean(QueueListeners.class);
			new Thread(() -> {
				await().until(() -> !listeners.isRunning());
				end.countDown();
			}).start();
		});
		assertThat(done).containsExactly("a");
		assertThat(etcd.cluster().contents().under(this.prefix + "/.work-queues/slow/ready/")).hasSize(1);
	}

	@Test
	void restGrowsFromFailureToFailureUpToTheLongest() throws Exception {
		Method method = Tired.class.getDeclaredMethod("work", String.class);
		QueueListenerMethod listener = QueueListenerMethod.of(new Tired(), method,
				method.getAnnotation(QueueListener.class), new StandardEnvironment());
		assertThat(IntStream.rangeClosed(1, 6).mapToObj(listener::delayAfter).map(Duration::toMillis))
			.containsExactly(100L, 200L, 400L, 800L, 1000L, 1000L);
	}

	@Test
	void itemOnWhichTheMethodFailsRests() {
		this.runner.withBean(Tired.class).run((context) -> {
			Tired tired = context.getBean(Tired.class);
			context.getBean(EtcdRecipes.class).workQueue("q", String.class).offer("a");
			await().until(() -> tired.times.size() >= 3);
			List<Long> times = List.copyOf(tired.times);
			assertThat(Duration.ofNanos(times.get(1) - times.get(0))).isGreaterThan(Duration.ofMillis(95));
			assertThat(Duration.ofNanos(times.get(2) - times.get(1))).isGreaterThan(Duration.ofMillis(195));
		});
	}

	@Test
	void interruptForTheWaitNeverMeetsTheWork() {
		QueueWorkers.Rest rest = new QueueWorkers.Rest();
		rest.begin();
		rest.interrupt(Thread.currentThread());
		rest.end();
		assertThat(Thread.interrupted()).isFalse();
		rest.interrupt(Thread.currentThread());
		assertThat(Thread.interrupted()).isFalse();
	}

	@Test
	void differentNumbersOfDeliveriesAreSaid(CapturedOutput output) {
		this.runner.withBean(Tired.class).run((context) -> {
			EtcdRecipes recipes = context.getBean(EtcdRecipes.class);
			recipes.workQueue("q", String.class);
			assertThat(output).doesNotContain("deliveries at most");
			recipes.workQueue("q", String.class, WorkQueueOptions.DEFAULTS.withMaxDeliveries(3));
			assertThat(output).contains("The work queue \"q\" is used with 3 deliveries at most, and elsewhere in this "
					+ "process with 10");
		});
	}

	@Test
	void listenerMaySettleItsItemItself() {
		this.runner.withBean(Choosy.class).run((context) -> {
			WorkQueue<String> choices = context.getBean(EtcdRecipes.class).workQueue("choices", String.class);
			choices.offer("good");
			choices.offer("bad");
			await().until(() -> choices.deadLetters().size() == 1 && choices.size() == 0);
			assertThat(choices.deadLetters().list(1).get(0).reason()).isEqualTo("bad");
			assertThat(context.getBean(Choosy.class).tokens).hasSize(2).doesNotHaveDuplicates();
		});
	}

	@Test
	void withoutEtcdListenersAreCheckedAndNotCalled(CapturedOutput output) {
		ApplicationContextRunner without = this.runner.withPropertyValues("etcd-lock.enabled=false");
		without.withBean(Packers.class).run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean(EtcdRecipes.class);
			assertThat(context.getBean(Packers.class).packed).isEmpty();
			assertThat(output).contains("Packers.pack is not called").contains("etcd-lock.enabled=false");
		});
		without.withBean(NoNumber.class)
			.run((context) -> assertThat(context.getStartupFailure()).hasStackTraceContaining("@QueueListener on"));
	}

	@ParameterizedTest
	@ValueSource(classes = { NoParameter.class, TwoValues.class, Hidden.class, Future.class, Lazy.class, Task.class,
			NoNumber.class, NoUnit.class, NoProperty.class })
	void mistakesAreSaidAtTheStart(Class<?> mistaken) {
		this.runner.withBean("mistaken", mistaken).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).hasStackTraceContaining("@QueueListener on");
			assertThat(context.getStartupFailure()).hasStackTraceContaining(mistaken.getSimpleName() + ".work()");
		});
	}

	static class Packers {

		private final Queue<String> packed = new ConcurrentLinkedQueue<>();

		private final Set<String> threads = ConcurrentHashMap.newKeySet();

		/** Of an even number of orders, two are always packed at the same time. */
		private final CyclicBarrier together = new CyclicBarrier(2);

		@QueueListener(queue = "orders", concurrency = "${shop.threads}", maxDeliveries = "4", backoff = "20ms")
		void pack(WorkItem<Order> item) throws Exception {
			Order order = item.value();
			if (order.number().equals("impossible") || (order.number().equals("flaky") && item.delivery() < 3)) {
				throw new IllegalStateException("no box for " + order.number());
			}
			this.threads.add(Thread.currentThread().getName());
			if (order.number().startsWith("o")) {
				this.together.await(5, TimeUnit.SECONDS);
			}
			this.packed.add(order.number() + " " + item.delivery());
		}

	}

	static class Slow {

		private final CountDownLatch begun;

		private final CountDownLatch end;

		private final List<String> done;

		Slow(CountDownLatch begun, CountDownLatch end, List<String> done) {
			this.begun = begun;
			this.end = end;
			this.done = done;
		}

		@QueueListener(queue = "slow")
		void work(String value) throws InterruptedException {
			this.begun.countDown();
			this.end.await();
			this.done.add(value);
		}

	}

	static class Choosy {

		private final Queue<Long> tokens = new ConcurrentLinkedQueue<>();

		@QueueListener(queue = "choices")
		void choose(WorkItem<String> item, LockHandle handle) {
			this.tokens.add(handle.fencingToken());
			if (item.value().equals("bad")) {
				item.reject("bad");
			}
			else {
				item.ack();
			}
		}

	}

	static class Tired {

		private final Queue<Long> times = new ConcurrentLinkedQueue<>();

		@QueueListener(queue = "q", backoff = "100ms", maxBackoff = "1s")
		void work(String value) {
			this.times.add(System.nanoTime());
			throw new IllegalStateException("too tired for " + value);
		}

	}

	static class NoParameter {

		@QueueListener(queue = "q")
		void work() {
		}

	}

	static class TwoValues {

		@QueueListener(queue = "q")
		void work(String one, String other) {
		}

	}

	static class Hidden {

		@QueueListener(queue = "q")
		private void work(String value) {
		}

	}

	static class Future {

		@QueueListener(queue = "q")
		CompletableFuture<Void> work(String value) {
			return CompletableFuture.completedFuture(null);
		}

	}

	static class Lazy {

		@QueueListener(queue = "q")
		Mono<Void> work(String value) {
			return Mono.empty();
		}

	}

	static class Task {

		@QueueListener(queue = "q")
		java.util.concurrent.Future<String> work(String value) {
			return new FutureTask<>(() -> value);
		}

	}

	static class NoNumber {

		@QueueListener(queue = "q", concurrency = "many")
		void work(String value) {
		}

	}

	static class NoUnit {

		@QueueListener(queue = "q", backoff = "5")
		void work(String value) {
		}

	}

	static class NoProperty {

		@QueueListener(queue = "${no.such.property}")
		void work(String value) {
		}

	}

}
