package io.github.etcdlock.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.autoconfigure.EtcdLockAopAutoConfiguration;
import io.github.etcdlock.autoconfigure.EtcdLockAutoConfiguration;
import io.github.etcdlock.autoconfigure.EtcdRecipesAutoConfiguration;
import io.github.etcdlock.recipe.DistributedQueue;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.WorkQueue;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import reactor.core.publisher.Flux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

/** What the README and {@code docs/modes.md} show is compiled, and does what it says. */
class GuideTests {

	private static final Pattern CODE = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private final List<String> announced = new CopyOnWriteArrayList<>();

	private Runnable announcement = () -> {
	};

	private void run(Consumer<ApplicationContext> guide) {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(EtcdLockAutoConfiguration.class, EtcdLockAopAutoConfiguration.class))
			.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint(), "etcd-lock.key-prefix=" + etcd.freshPrefix(),
					"etcd-lock.request-timeout=10s")
			.withBean(Transfers.class)
			.withBean(Prices.class)
			.withBean(Reports.class)
			.withBean(Shipping.class)
			.withBean(Catalogue.class)
			.withBean("announcement", Runnable.class, () -> () -> this.announcement.run())
			.run(guide::accept);
	}

	@ParameterizedTest
	@ValueSource(strings = { "docs/modes.md", "docs/recipes.md", "docs/observability.md", "docs/connections.md",
			"docs/async.md", "docs/weaving.md", "docs/coordination.md", "docs/operations.md", "docs/integrations.md",
			"docs/migration.md", "../README.md" })
	void everyBlockOfCodeIsInTheTestedSources(String file) throws IOException {
		String guide = Files.readString(Path.of(file));
		String sources = sources("src/test/java/io/github/etcdlock/docs")
				+ sources("../etcd-lock-benchmarks/src/test/java/io/github/etcdlock/benchmarks");
		List<String> blocks = CODE.matcher(guide).results().map((MatchResult block) -> plain(block.group(1))).toList();
		assertThat(blocks).isNotEmpty().allMatch(sources::contains);
	}

	private static String sources(String folder) throws IOException {
		try (Stream<Path> files = Files.list(Path.of(folder))) {
			return files.map(GuideTests::read).collect(Collectors.joining("\n"));
		}
	}

	@Test
	void everyPageIsInTheIndex() throws IOException {
		String index = Files.readString(Path.of("docs", "README.md"));
		try (Stream<Path> pages = Files.list(Path.of("docs"))) {
			assertThat(pages.map((page) -> page.getFileName().toString())
				.filter((page) -> page.endsWith(".md") && !page.equals("README.md")))
				.allMatch((page) -> index.contains("](" + page + ")"));
		}
	}

	private static String read(Path source) {
		try {
			return plain(Files.readString(source));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** The code without indentation and empty lines. */
	private static String plain(String code) {
		return code.lines().map(String::strip).filter((line) -> !line.isEmpty()).collect(Collectors.joining("\n"));
	}

	@Test
	void reportsAreBuiltUnderALockThatOthersSee() {
		run((context) -> {
			LockTemplate locks = context.getBean(LockTemplate.class);
			Reports reports = context.getBean(Reports.class);
			assertThat(reports.execute().token()).isPositive();
			assertThatCode(reports::acquire).doesNotThrowAnyException();
			reports.nightlyReport();
			assertThat(reports.built()).isEqualTo(3);
			locks.executeWithoutResult("report", (lock) -> assertThat(free(reports)).isEmpty());
			assertThat(free(reports)).hasValueSatisfying(LockHandle::close);
			Order order = new Order("7");
			assertThat(context.getBean(Shipping.class).ship(order).order()).isEqualTo(order);
		});
	}

	private static Optional<LockHandle> free(Reports reports) {
		try {
			return reports.tryAcquire();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void publishersSchedulesAndViewsAreLocked() {
		run((context) -> {
			Catalogue catalogue = context.getBean(Catalogue.class);
			Flux.range(0, 20).flatMap((i) -> catalogue.reserve("tea", 2)).blockLast(Duration.ofSeconds(30));
			assertThat(catalogue.reserve("tea", 0).block(Duration.ofSeconds(10))).isEqualTo(60);
			catalogue.refresh();
			catalogue.refresh();
			assertThat(catalogue.refreshed()).isOne();
			catalogue.lockAndIndex();
			assertThat(catalogue.indexed()).isOne();
		});
	}

	@Test
	void transfersInBothDirectionsLoseNothing() {
		run((context) -> {
			Transfers transfers = context.getBean(Transfers.class);
			Executor threads = (task) -> new Thread(task, "transfer").start();
			CompletableFuture.allOf(IntStream.range(0, 8)
				.mapToObj((i) -> CompletableFuture.runAsync(() -> IntStream.range(0, 25).forEach((n) -> {
					if (i % 2 == 0) {
						transfers.transfer("alice", "bob", i + 1);
					}
					else {
						transfers.transfer("bob", "alice", i);
					}
				}), threads))
				.toArray(CompletableFuture<?>[]::new)).join();
			assertThat(transfers.balance("alice")).isZero();
			assertThat(transfers.balance("bob")).isZero();
		});
	}

	@Test
	void templateTransfersUnderTheSameLocks() {
		run((context) -> {
			LockTemplate locks = context.getBean(LockTemplate.class);
			Transfers transfers = new Transfers(locks);
			transfers.transferByTemplate("alice", "bob", 5);
			assertThat(transfers.balance("bob")).isEqualTo(5);
			locks.executeWithoutResult(LockRequest.of("account:alice", "account:bob"),
					(lock) -> transfers.transferByTemplate("bob", "alice", 5));
			assertThat(transfers.balance("bob")).isZero();
		});
	}

	@Test
	void recipesDoWhatTheirPageSays() {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(EtcdLockAutoConfiguration.class, EtcdRecipesAutoConfiguration.class))
			.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint(), "etcd-lock.key-prefix=" + etcd.freshPrefix(),
					"etcd-lock.request-timeout=10s")
			.run((context) -> {
				EtcdRecipes recipes = context.getBean(EtcdRecipes.class);
				try (Reporting reporting = new Reporting(recipes, "host-1")) {
					await().until(reporting::leads);
					assertThat(reporting.leader()).contains("host-1");
				}
				new Downloads(recipes).download(() -> this.announced.add("downloaded"));
				assertThat(new Downloads(recipes).bigDownload()).isPresent();
				assertThat(this.announced).containsExactly("downloaded");
				Invoices invoices = new Invoices(recipes);
				assertThat(invoices.issued()).isOne();
				assertThat(List.of(invoices.nextNumber(), invoices.nextNumber())).containsExactly(1L, 2L);
				Simulation simulation = new Simulation(recipes);
				List<CompletableFuture<Boolean>> parties = IntStream.range(0, 4)
					.mapToObj((i) -> CompletableFuture.supplyAsync(() -> ran(simulation),
							(task) -> new Thread(task, "party").start()))
					.toList();
				assertThat(parties).allMatch(CompletableFuture::join);
			});
	}

	private static boolean ran(Simulation simulation) {
		try {
			return simulation.run(() -> {
			});
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void readersComeInBeforeTheAnnouncementAndWritersAfterIt() {
		run((context) -> {
			LockTemplate locks = context.getBean(LockTemplate.class);
			Prices prices = context.getBean(Prices.class);
			this.announcement = () -> this.announced.add(busy(locks));
			prices.refresh(Map.of("tea", 3L, "cup", 4L));
			assertThat(prices.total("tea", "cup")).isEqualTo(7);
			assertThat(prices.price("tea")).isEqualTo(3);
			assertThat(this.announced).containsExactly("readers only");
		});
	}

	@Test
	void ordersArePackedByAListenerAndByHand() {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(EtcdLockAutoConfiguration.class, EtcdRecipesAutoConfiguration.class))
			.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint(), "etcd-lock.key-prefix=" + etcd.freshPrefix(),
					"etcd-lock.request-timeout=10s")
			.withUserConfiguration(Queues.class)
			.withBean(Packing.class)
			.run((context) -> {
				WorkQueue<Order> orders = new Queues().orders(context.getBean(EtcdRecipes.class));
				Packing packing = context.getBean(Packing.class);
				CompletableFuture<Void> byHand = CompletableFuture.runAsync(() -> {
					try {
						packing.byHand();
					}
					catch (InterruptedException ex) {
						throw new IllegalStateException(ex);
					}
				});
				for (int i = 0; !byHand.isDone(); i++) {
					orders.offer(new Order(Integer.toString(i)));
				}
				byHand.join();
				await().until(() -> orders.size() == 0);
				assertThat(packing.packed()).contains(new Order("0")).doesNotHaveDuplicates();
			});
	}

	/** Who may come in now, in another thread. */
	private static String busy(LockTemplate locks) {
		return CompletableFuture.supplyAsync(() -> {
			try {
				boolean reader = locks.tryAcquire(LockRequest.of("prices").shared()).isPresent();
				boolean writer = locks.tryAcquire("prices").isPresent();
				return (reader && !writer) ? "readers only" : "reader " + reader + ", writer " + writer;
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}).join();
	}

	@Test
	void queueThatNeedsEtcdIsLeftOutWithoutIt() {
		ApplicationContextRunner runner = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(EtcdLockAutoConfiguration.class, EtcdRecipesAutoConfiguration.class))
			.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint())
			.withUserConfiguration(Invoicing.class);
		runner.run((context) -> assertThat(context).hasSingleBean(DistributedQueue.class));
		runner.withPropertyValues("etcd-lock.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(DistributedQueue.class));
	}

}
