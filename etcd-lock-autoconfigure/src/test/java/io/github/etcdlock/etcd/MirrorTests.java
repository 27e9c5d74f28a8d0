package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;

import com.google.protobuf.ByteString;
import io.github.etcdlock.test.EtcdExtension;
import io.github.etcdlock.test.TcpProxy;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class MirrorTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	@AutoClose
	private final TcpProxy link = TcpProxy.to(etcd.endpoint());

	@AutoClose
	private final Outsider outsider = new Outsider(etcd.endpoint());

	private final String prefix = this.managers.prefix() + "/.things/";

	private final Engine engine = this.managers.with().endpoints(List.of(this.link.endpoint())).start().engine();

	@Test
	void showsWhatWasThereAndWhatComesAndGoes() throws Exception {
		this.outsider.put(this.prefix + "a");
		assertThat(until(names(Set.of("a")))).containsExactly("a");
		CompletableFuture<Set<String>> both = untilAsync(names(Set.of("b", "c")));
		this.outsider.put(this.prefix + "b");
		this.outsider.put(this.prefix + "c");
		assertThat(both).isNotDone();
		this.outsider.delete(this.prefix + "a");
		assertThat(both.get(5, TimeUnit.SECONDS)).containsExactly("b", "c");
	}

	@Test
	void keysBesideThePrefixAreNotInIt() throws Exception {
		this.outsider.put(this.managers.prefix() + "/.things");
		this.outsider.put(this.managers.prefix() + "/.things0");
		this.outsider.put(this.prefix + "a");
		assertThat(until(names(Set.of("a")))).containsExactly("a");
	}

	@Test
	void oneWatchServesEverybodyWhoLooks() throws Exception {
		this.outsider.put(this.prefix + "a");
		List<CompletableFuture<Set<String>>> looks = IntStream.range(0, 50)
			.mapToObj((i) -> untilAsync(names(Set.of("a", "b"))))
			.toList();
		until(names(Set.of("a")));
		assertThat(this.engine.watches().size()).isEqualTo(1);
		this.outsider.put(this.prefix + "b");
		CompletableFuture.allOf(looks.toArray(CompletableFuture<?>[]::new)).get(5, TimeUnit.SECONDS);
	}

	@Test
	void whatIsDeletedWhileTheLinkIsDownIsMissed() throws Exception {
		this.outsider.put(this.prefix + "a");
		this.outsider.put(this.prefix + "b");
		until(names(Set.of("a", "b")));
		this.link.freeze();
		this.outsider.delete(this.prefix + "a");
		this.outsider.put(this.prefix + "c");
		CompletableFuture<Set<String>> after = untilAsync(names(Set.of("b", "c")));
		this.link.resetAll();
		this.link.pass();
		assertThat(after.get(10, TimeUnit.SECONDS)).containsExactly("b", "c");
	}

	@Test
	void whatIsForgottenByEtcdIsReadAgain() throws Exception {
		this.outsider.put(this.prefix + "a");
		until(names(Set.of("a")));
		this.link.freeze();
		this.outsider.delete(this.prefix + "a");
		this.outsider.put(this.prefix + "b");
		this.outsider.compact();
		CompletableFuture<Set<String>> after = untilAsync(names(Set.of("b")));
		this.link.resetAll();
		this.link.pass();
		assertThat(after.get(10, TimeUnit.SECONDS)).containsExactly("b");
	}

	@Test
	void changesWhileItIsReadAreNotLost() throws Exception {
		CompletableFuture<Set<String>> all = untilAsync((mirror) -> (mirror.entries().size() == 200) ? mirror : null);
		for (int i = 0; i < 200; i++) {
			this.outsider.put(this.prefix + i);
		}
		assertThat(all.get(5, TimeUnit.SECONDS)).hasSize(200);
	}

	/**
	 * An event that comes between a read that failed and the next is not all there is.
	 */
	@Test
	void changeAfterAReadThatFailedIsNotTakenForTheWhole() throws Exception {
		Traffic traffic = new Traffic();
		Engine unlucky = this.managers.with().traffic(traffic).requestTimeout(Duration.ofSeconds(1)).start().engine();
		AtomicBoolean broken = new AtomicBoolean(true);
		for (int i = 0; i < 50; i++) {
			traffic.fault(Fault.Kind.LOSE_REQUEST, (message) -> broken.get() && Traffic.isRead(message));
		}
		this.outsider.put(this.prefix + "a");
		CompletableFuture<Set<String>> first = new CompletableFuture<>();
		AtomicBoolean failed = new AtomicBoolean();
		unlucky.loop().run(() -> {
			Mirror mirror = unlucky.mirror(key());
			mirror.use((it) -> first.complete(names(it)));
		});
		await().pollInterval(Duration.ofMillis(5)).until(() -> {
			unlucky.loop().run(() -> failed.set(unlucky.mirror(key()).failure() != null));
			return failed.get();
		});
		this.outsider.put(this.prefix + "b");
		broken.set(false);
		assertThat(first.get(5, TimeUnit.SECONDS)).containsExactly("a", "b");
	}

	@Test
	void whoUsesItIsToldOfEachRevisionInOrder() throws Exception {
		List<Long> revisions = new CopyOnWriteArrayList<>();
		this.engine.loop()
			.run(() -> this.engine.mirror(key()).use((mirror) -> revisions.add((long) mirror.entries().size())));
		await().until(() -> !revisions.isEmpty());
		for (int i = 0; i < 20; i++) {
			this.outsider.put(this.prefix + i);
		}
		await().until(() -> revisions.get(revisions.size() - 1) == 20);
		assertThat(revisions).isSorted().doesNotHaveDuplicates();
	}

	@Test
	void nobodyWaitsForWhatWasCancelled() throws Exception {
		CompletableFuture<Boolean> used = new CompletableFuture<>();
		this.engine.loop().run(() -> this.engine.mirror(key()).until((it) -> null).cancel(false));
		this.engine.loop().run(() -> used.complete(this.engine.mirror(key()).used()));
		assertThat(used.get(5, TimeUnit.SECONDS)).isFalse();
	}

	private ByteString key() {
		return ByteString.copyFromUtf8(this.prefix);
	}

	private Function<Mirror, @Nullable Mirror> names(Set<String> wanted) {
		return (mirror) -> names(mirror).equals(wanted) ? mirror : null;
	}

	private Set<String> names(Mirror mirror) {
		Set<String> names = new TreeSet<>();
		mirror.entries().keySet().forEach((key) -> names.add(key.toStringUtf8().substring(this.prefix.length())));
		return names;
	}

	private Set<String> until(Function<Mirror, @Nullable Mirror> test) throws Exception {
		return untilAsync(test).get(5, TimeUnit.SECONDS);
	}

	private CompletableFuture<Set<String>> untilAsync(Function<Mirror, @Nullable Mirror> test) {
		CompletableFuture<Set<String>> found = new CompletableFuture<>();
		this.engine.loop()
			.run(() -> this.engine.mirror(key()).until(test).thenAccept((mirror) -> found.complete(names(mirror))));
		return found;
	}

}
