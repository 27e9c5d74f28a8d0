package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.github.etcdlock.recipe.DistributedQueue;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.WorkQueue;
import io.github.etcdlock.test.ChildJvm;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Work that is done by several processes, some of which die or stand still. */
@Tag("alone")
class WorkQueueProcessTests {

	private static final Duration UNTROUBLED = Duration.ofSeconds(20);

	/** So that others soon have what a process had that is gone. */
	private static final Duration BRIEF = Duration.ofSeconds(3);

	private static final Executor THREADS = (task) -> new Thread(task, "producer").start();

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	private final EtcdRecipes recipes = this.managers.with()
		.requestTimeout(Duration.ofSeconds(10))
		.start()
		.recipes(Managers.TEXT);

	private final List<ChildJvm> children = new ArrayList<>();

	@AutoClose
	private final AutoCloseable end = () -> this.children.forEach(ChildJvm::close);

	private ChildJvm child(Duration ttl, int atATime) {
		ChildJvm child = WorkingProcess.start(etcd.endpoint(), this.managers.prefix(), ttl, 2, atATime);
		this.children.add(child);
		return child;
	}

	private WorkQueue<String> filled(int many) {
		WorkQueue<String> queue = this.recipes.workQueue("work", String.class, WorkingProcess.OPTIONS);
		CompletableFuture
			.allOf(IntStream.range(0, 64)
				.mapToObj((thread) -> CompletableFuture.runAsync(() -> IntStream.range(0, many / 64)
					.forEach((i) -> queue.offer("v" + (thread * (many / 64) + i))), THREADS))
				.toArray(CompletableFuture<?>[]::new))
			.orTimeout(90, TimeUnit.SECONDS)
			.join();
		return queue;
	}

	private void awaitEmpty(WorkQueue<String> queue) {
		await().atMost(Duration.ofMinutes(2))
			.pollInterval(Duration.ofMillis(200))
			.untilAsserted(() -> assertThat(queue.size()).as(this::lost).isZero());
	}

	private String lost() {
		return "with what the children could not do: "
				+ lines("lost").collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
	}

	private Stream<String> lines(String word) {
		return this.children.stream().flatMap((child) -> lines(child, word));
	}

	private static Stream<String> lines(ChildJvm child, String word) {
		return child.output().stream().filter((line) -> line.startsWith(word + " "));
	}

	/** What a child has received and not acknowledged. */
	private static Set<String> held(ChildJvm child) {
		Set<String> held = lines(child, "item").map((line) -> line.split(" ")[1]).collect(Collectors.toSet());
		lines(child, "acked").forEach((line) -> held.remove(line.split(" ")[1]));
		return held;
	}

	/** How often a line with these words was printed for each value. */
	private Map<String, Integer> printed(String word) {
		return lines(word).collect(Collectors.toMap((line) -> line.split(" ")[1], (line) -> 1, Integer::sum));
	}

	@Test
	@Timeout(300)
	void tenThousandItemsAreEachDoneOnceByEightConsumersOfFourProcesses() {
		int many = 64 * 157;
		for (int i = 0; i < 4; i++) {
			child(UNTROUBLED, 16);
		}
		this.children.forEach((child) -> child.expect("ready"));
		WorkQueue<String> queue = filled(many);
		awaitEmpty(queue);
		await().untilAsserted(() -> assertThat(printed("acked").size()).as(this::lost).isEqualTo(many));
		assertThat(printed("item").values()).as(this::lost).containsOnly(1);
		assertThat(lines("lost")).isEmpty();
		assertThat(etcd.cluster().contents().under(this.managers.prefix() + "/.work-queues/")).isEmpty();
	}

	@Test
	@Timeout(180)
	void consumersThatDieOrStandStillLoseNothingAndDoubleOnlyWhatTheyHad() throws Exception {
		int many = 64 * 20;
		Random random = new Random(9);
		WorkQueue<String> queue = filled(many);
		for (int i = 0; i < 3; i++) {
			child(BRIEF, 1);
		}
		this.children.forEach((child) -> child.expect("item"));
		ChildJvm killed = this.children.get(random.nextInt(3));
		killed.kill();
		ChildJvm paused = this.children.stream().filter(ChildJvm::isAlive).findFirst().orElseThrow();
		paused.pause();
		child(BRIEF, 1).expect("item");
		awaitEmpty(queue);
		paused.resume();
		await().untilAsserted(() -> assertThat(printed("item")).hasSize(many));
		Map<String, Integer> printed = printed("item");
		assertThat(held(killed)).hasSizeLessThanOrEqualTo(2);
		assertThat(held(paused)).hasSizeLessThanOrEqualTo(2);
		assertThat(Stream.of(killed, paused).map(WorkQueueProcessTests::held).flatMap(Set::stream)).as(this::lost)
			.containsAll(printed.keySet().stream().filter((value) -> printed.get(value) > 1).toList());
		assertThat(queue.deadLetters().size()).isZero();
	}

	@Test
	@Timeout(60)
	void tenThousandValuesOfAQueueAreEachTakenOnce() throws Exception {
		int many = 10_000;
		DistributedQueue<String> queue = this.recipes.queue("fifo", String.class);
		for (int i = 0; i < many; i += 100) {
			queue.offerAll(IntStream.range(i, i + 100).mapToObj(String::valueOf).toList());
		}
		List<CompletableFuture<List<String>>> consumers = new ArrayList<>();
		for (int process = 0; process < 4; process++) {
			DistributedQueue<String> mine = this.managers.start().recipes(Managers.TEXT).queue("fifo", String.class);
			for (int thread = 0; thread < 2; thread++) {
				consumers.add(CompletableFuture.supplyAsync(() -> {
					List<String> taken = new ArrayList<>();
					for (List<String> some = mine.drain(50); !some.isEmpty(); some = mine.drain(50)) {
						taken.addAll(some);
					}
					return taken;
				}, THREADS));
			}
		}
		List<String> all = new ArrayList<>();
		for (CompletableFuture<List<String>> consumer : consumers) {
			all.addAll(consumer.get(40, TimeUnit.SECONDS));
		}
		assertThat(all).hasSize(many).doesNotHaveDuplicates();
	}

}
