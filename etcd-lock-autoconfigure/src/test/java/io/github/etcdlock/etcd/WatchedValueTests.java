package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.etcd.jetcd.api.RangeRequest;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.recipe.EtcdKey;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.EtcdTransaction;
import io.github.etcdlock.recipe.UnreadableValueException;
import io.github.etcdlock.recipe.ValueFormat;
import io.github.etcdlock.recipe.WatchedValue;
import io.github.etcdlock.test.EtcdCluster;
import io.github.etcdlock.test.EtcdExtension;
import io.github.etcdlock.test.TcpProxy;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

class WatchedValueTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private static final Duration SOON = Duration.ofSeconds(5);

	/** Whole numbers as text. */
	private static final ValueFormat NUMBERS = new ValueFormat() {

		@Override
		public byte[] write(Object value) {
			return value.toString().getBytes();
		}

		@Override
		public <T> T read(byte[] bytes, Class<T> type) {
			return type.cast(Integer.valueOf(new String(bytes)));
		}

	};

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	@AutoClose
	private final TcpProxy link = TcpProxy.to(etcd.endpoint());

	@AutoClose
	private final Outsider outsider = new Outsider(etcd.endpoint());

	private final Traffic traffic = new Traffic();

	private final EtcdRecipes recipes = this.managers.with()
		.endpoints(List.of(this.link.endpoint()))
		.requestTimeout(Duration.ofSeconds(1))
		.traffic(this.traffic)
		.start()
		.recipes(NUMBERS);

	private final EtcdRecipes others = this.managers.start().recipes(NUMBERS);

	private final String folder = etcd.freshPrefix() + "/settings/";

	private final String key = this.folder + "limit";

	private void put(String name, String value) {
		put(this.others, name, value);
	}

	private static void put(EtcdRecipes by, String name, String value) {
		by.transactions().commit(EtcdTransaction.when().then(EtcdKey.of(name, String.class).put(value)));
	}

	@Test
	void followsOneKeyAndNoOther() throws Exception {
		put(this.key + "er", "0");
		try (WatchedValue<Integer> limit = this.recipes.watched(this.key, Integer.class)) {
			assertThat(limit.get()).isEmpty();
			put(this.key, "1");
			assertThat(limit.awaitValue((value) -> value == 1, SOON)).contains(1);
			assertThat(limit.get()).contains(1);
			put(this.key + "er", "5");
			this.outsider.delete(this.key);
			await().until(() -> limit.get().isEmpty());
			assertThat(limit.awaitValue((value) -> true, Duration.ZERO)).isEmpty();
		}
	}

	@Test
	void listenersAreToldThePresentValueAndEachChangeInOrder() {
		put(this.key, "0");
		List<Integer> told = new CopyOnWriteArrayList<>();
		try (WatchedValue<Integer> limit = this.recipes.watched(this.key, Integer.class)) {
			limit.onChange((value) -> {
				throw new IllegalStateException("a listener that fails");
			});
			limit.onChange((value) -> told.add(value.orElseThrow()));
			await().until(() -> told.equals(List.of(0)));
			IntStream.rangeClosed(1, 20).forEach((i) -> put(this.key, Integer.toString(i)));
			await().until(() -> told.get(told.size() - 1) == 20);
			assertThat(told).isSorted().doesNotHaveDuplicates();
		}
	}

	@Test
	void slowListenerMissesStatesInBetweenButNotTheLast() throws Exception {
		CountDownLatch slow = new CountDownLatch(1);
		List<Optional<Integer>> told = new CopyOnWriteArrayList<>();
		try (WatchedValue<Integer> limit = this.recipes.watched(this.key, Integer.class)) {
			limit.onChange((value) -> {
				told.add(value);
				await().until(() -> slow.getCount() == 0);
			});
			await().until(() -> told.size() == 1);
			IntStream.rangeClosed(1, 50).forEach((i) -> put(this.key, Integer.toString(i)));
			assertThat(limit.awaitValue((value) -> value == 50, Duration.ZERO)).as("get() does not wait for it")
				.satisfiesAnyOf((value) -> assertThat(value).contains(50), (value) -> assertThat(value).isEmpty());
			await().until(() -> limit.get().equals(Optional.of(50)));
			slow.countDown();
			await().until(() -> told.get(told.size() - 1).equals(Optional.of(50)));
			assertThat(told).hasSizeLessThan(10);
		}
	}

	@Test
	void prefixIsAMapByTheRestOfTheKeys() throws Exception {
		put(this.folder + "b", "2");
		put(this.folder + "a", "1");
		try (WatchedValue<Map<String, Integer>> settings = this.recipes.watchedPrefix(this.folder, Integer.class)) {
			assertThat(settings.get().orElseThrow()).containsExactly(Map.entry("a", 1), Map.entry("b", 2));
			this.outsider.delete(this.folder + "a");
			put(this.folder + "c/d", "3");
			assertThat(settings.awaitValue((all) -> all.containsKey("c/d"), SOON)).contains(Map.of("b", 2, "c/d", 3));
		}
		try (WatchedValue<Map<String, Integer>> none = this.recipes.watchedPrefix("/nothing/here/", Integer.class)) {
			assertThat(none.get()).contains(Map.of());
		}
	}

	@Test
	void whatCannotBeReadIsSaidWithItsKeyAndHealsWithTheNextValue() throws Exception {
		List<Optional<Integer>> told = new CopyOnWriteArrayList<>();
		put(this.key, "1");
		try (WatchedValue<Integer> limit = this.recipes.watched(this.key, Integer.class)) {
			limit.onChange(told::add);
			limit.awaitValue((value) -> value == 1, SOON);
			put(this.key, "one");
			await().untilAsserted(() -> assertThatExceptionOfType(UnreadableValueException.class).isThrownBy(limit::get)
				.withMessageContaining(this.key)
				.withMessageContaining("java.lang.Integer"));
			put(this.key, "2");
			assertThat(limit.awaitValue((value) -> value == 2, SOON)).contains(2);
			await().until(() -> told.equals(List.of(Optional.of(1), Optional.of(2))));
		}
	}

	@Test
	void valueUnderAPrefixThatCannotBeReadIsLeftOutAndLoggedOnce() throws Exception {
		ListAppender<ILoggingEvent> log = new ListAppender<>();
		log.start();
		Logger logger = (Logger) LoggerFactory.getLogger(Readings.class);
		logger.addAppender(log);
		put(this.folder + "a", "1");
		put(this.folder + "bad", "?");
		try (WatchedValue<Map<String, Integer>> settings = this.recipes.watchedPrefix(this.folder, Integer.class)) {
			assertThat(settings.get()).contains(Map.of("a", 1));
			put(this.folder + "b", "2");
			assertThat(settings.awaitValue((all) -> all.size() == 2, SOON)).isPresent();
			assertThat(log.list).hasSize(1);
			assertThat(log.list.get(0).getFormattedMessage()).contains(this.folder + "bad");
		}
		finally {
			logger.detachAppender(log);
		}
	}

	@Test
	void lastStateIsNotMissedThroughABrokenLinkAndACompaction() throws Exception {
		put(this.key, "1");
		List<Optional<Integer>> told = new CopyOnWriteArrayList<>();
		try (WatchedValue<Integer> limit = this.recipes.watched(this.key, Integer.class)) {
			limit.onChange(told::add);
			limit.awaitValue((value) -> value == 1, SOON);
			this.link.freeze();
			put(this.key, "2");
			put(this.key, "3");
			this.outsider.compact();
			assertThat(limit.get()).as("as it was known").contains(1);
			this.link.resetAll();
			this.link.pass();
			assertThat(limit.awaitValue((value) -> value == 3, Duration.ofSeconds(10))).contains(3);
			await().until(() -> told.get(told.size() - 1).equals(Optional.of(3)));
		}
	}

	@Test
	void lastStateIsNotMissedThroughARestartOfEtcd() throws Exception {
		try (EtcdCluster cluster = EtcdCluster.ofOne();
				TcpProxy cut = TcpProxy.to(cluster.endpoint());
				Managers own = new Managers(cluster)) {
			EtcdRecipes mine = own.with().endpoints(List.of(cut.endpoint())).start().recipes(NUMBERS);
			EtcdRecipes theirs = own.start().recipes(NUMBERS);
			put(theirs, this.key, "1");
			try (WatchedValue<Integer> limit = mine.watched(this.key, Integer.class)) {
				assertThat(limit.get()).contains(1);
				cut.refuse();
				cut.resetAll();
				cluster.kill(0);
				cluster.restart(0);
				await().ignoreExceptions().untilAsserted(() -> put(theirs, this.key, "2"));
				assertThat(limit.get()).as("as it was known").contains(1);
				cut.pass();
				assertThat(limit.awaitValue((value) -> value == 2, Duration.ofSeconds(10))).contains(2);
			}
		}
	}

	@Test
	void firstReadFailsInItsTimeAndTheNextSucceeds() {
		this.link.freeze();
		put(this.key, "1");
		try (WatchedValue<Integer> limit = this.recipes.watched(this.key, Integer.class)) {
			assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(limit::get)
				.withMessageContaining(this.key)
				.withMessageContaining("127.0.0.1");
			this.link.resetAll();
			this.link.pass();
			await().ignoreExceptions().until(() -> limit.get().equals(Optional.of(1)));
		}
	}

	@Test
	void closeEndsWaitsAndListeners() throws Exception {
		WatchedValue<Integer> limit = this.recipes.watched(this.key, Integer.class);
		assertThat(limit.get()).isEmpty();
		CompletableFuture<Optional<Integer>> waiting = CompletableFuture.supplyAsync(() -> {
			try {
				return limit.awaitValue((value) -> true, Duration.ofMinutes(1));
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}, (task) -> new Thread(task, "waiting").start());
		await().pollDelay(Duration.ofMillis(100)).until(() -> !waiting.isDone());
		limit.close();
		limit.close();
		assertThat(waiting).failsWithin(SOON).withThrowableThat().withMessageContaining("closed");
		assertThatIllegalStateException().isThrownBy(limit::get).withMessageContaining(this.key);
		assertThatIllegalArgumentException().isThrownBy(() -> this.recipes.watched("", String.class));
	}

	@Test
	void manyLooksCostOneReadAndOneWatch() throws Exception {
		this.traffic.forget();
		try (WatchedValue<Integer> one = this.recipes.watched(this.key, Integer.class);
				WatchedValue<Integer> two = this.recipes.watched(this.key, Integer.class)) {
			one.get();
			two.get();
			assertThat(this.traffic.sent(RangeRequest.class)).hasSize(1);
			await().until(() -> this.traffic.watches().size() == 1);
			this.traffic.forget();
			put(this.key, "1");
			assertThat(one.awaitValue((value) -> value == 1, SOON)).isPresent();
			assertThat(two.awaitValue((value) -> value == 1, SOON)).isPresent();
			IntStream.range(0, 100).forEach((i) -> one.get());
			assertThat(this.traffic.sent(RangeRequest.class)).as("after the first read").isEmpty();
			assertThat(this.traffic.watches()).isEmpty();
		}
	}

}
