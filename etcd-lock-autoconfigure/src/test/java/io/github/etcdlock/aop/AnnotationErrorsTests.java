package io.github.etcdlock.aop;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

import kotlin.coroutines.Continuation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reactivestreams.Publisher;
import reactor.core.publisher.GroupedFlux;
import reactor.core.publisher.Mono;

import org.springframework.core.annotation.AliasFor;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.InvalidLockKeyException;
import io.github.etcdlock.LeaderOnly;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.docs.ErrorTable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Every wrong annotation and every wrong value in a key of docs/errors.md. */
class AnnotationErrorsTests {

	private final Locking locking = new Locking();

	@Test
	void wrongAnnotationIsNamedWithItsCure(@TempDir Path folder) throws Exception {
		List<ErrorTable.Row> rows = ErrorTable.under("Annotations");
		ErrorTable.compile(rows, folder, DistributedLock.class, AliasFor.class, GroupedFlux.class, Publisher.class,
				Continuation.class);
		try (URLClassLoader loader = new URLClassLoader(new URL[] { folder.toUri().toURL() },
				getClass().getClassLoader())) {
			for (int i = 0; i < rows.size(); i++) {
				Class<?> type = loader.loadClass("Row" + i);
				assertThatExceptionOfType(LockDefinitionException.class).as(rows.get(i).wrong())
					.isThrownBy(() -> this.locking.advisor().locks(type))
					.withMessageStartingWith("@DistributedLock on " + type.getName() + ".run(")
					.withMessageContaining(rows.get(i).message());
			}
		}
		assertThat(rows).hasSizeGreaterThan(25);
	}

	@Test
	void wrongLeaderIsNamedWithItsCure(@TempDir Path folder) throws Exception {
		List<ErrorTable.Row> rows = ErrorTable.under("Leaders");
		ErrorTable.compile(rows, folder, LeaderOnly.class, Mono.class, Publisher.class, Continuation.class);
		LeaderOnlyMethods methods = LeaderOnlyMethods.proxied(true,
				this.locking.environment::resolveRequiredPlaceholders, () -> null);
		try (URLClassLoader loader = new URLClassLoader(new URL[] { folder.toUri().toURL() },
				getClass().getClassLoader())) {
			for (int i = 0; i < rows.size(); i++) {
				Class<?> type = loader.loadClass("Row" + i);
				assertThatExceptionOfType(LockDefinitionException.class).as(rows.get(i).wrong())
					.isThrownBy(() -> methods.read(type))
					.withMessageStartingWith("@LeaderOnly on " + type.getName() + ".run(): ")
					.withMessageContaining(rows.get(i).message());
			}
		}
		assertThat(rows).hasSizeGreaterThan(5);
	}

	@Test
	void valueThatCannotNameALockIsRefused() {
		Map<String, Object> values = new HashMap<>();
		values.put("null", null);
		values.put("\"\"", "");
		values.put("Optional.empty()", Optional.empty());
		values.put("new Object()", new Object());
		values.put("new int[] { 1 }", new int[] { 1 });
		values.put("List.of(\"a\", \"b\")", List.of("a", "b"));
		Keyed keyed = this.locking.proxy(new Keyed());
		List<ErrorTable.Row> rows = ErrorTable.under("Values in keys");
		assertThat(rows).extracting(ErrorTable.Row::wrong).containsExactlyInAnyOrderElementsOf(values.keySet());
		for (ErrorTable.Row row : rows) {
			assertThatExceptionOfType(InvalidLockKeyException.class).as(row.wrong())
				.isThrownBy(() -> keyed.run(values.get(row.wrong())))
				.withMessageContaining(row.message());
		}
	}

	@Test
	void wrongCallOfALockedMethodIsNamedWithItsCure() {
		Keyed keyed = this.locking.proxy(new Keyed());
		ErrorTable.check("Locked methods",
				Map.of("in `#{#value.length()}` the value is null", () -> keyed.ofLength(null),
						"a thread that holds the lock calls a method that returns a `CompletionStage`",
						() -> this.locking.template.execute("k", (lock) -> keyed.stage()),
						"a thread that holds the lock subscribes to what a method returns",
						() -> this.locking.template.execute("k", (lock) -> keyed.around(Mono.empty()).block()),
						"a chain that holds some of the keys asks for more of them",
						() -> keyed.around(keyed.both()).block(),
						"a chain that holds the lock in shared mode asks for it in exclusive mode",
						() -> keyed.reading(keyed.around(Mono.empty())).block()));
	}

	@Test
	void textOfAnArgumentIsNeverReadAsAnExpression() {
		Keyed keyed = this.locking.proxy(new Keyed());
		List<String> texts = List.of("#{T(java.lang.Runtime).getRuntime()}", "${user.home}", "#value", "../other");
		Stream.of(texts.toArray()).forEach(keyed::run);
		assertThat(this.locking.template.keys()).isEqualTo(texts);
	}

	static class Keyed {

		@DistributedLock("#{#value}")
		public void run(Object value) {
		}

		@DistributedLock("#{#value.length()}")
		public void ofLength(String value) {
		}

		@DistributedLock("k")
		public CompletionStage<String> stage() {
			return new CompletableFuture<>();
		}

		@DistributedLock("k")
		public Mono<String> around(Mono<String> inner) {
			return inner;
		}

		@DistributedLock({ "k", "l" })
		public Mono<String> both() {
			return Mono.empty();
		}

		@DistributedLock(key = "k", mode = LockMode.SHARED)
		public Mono<String> reading(Mono<String> inner) {
			return inner;
		}

	}

}
