package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import org.jspecify.annotations.Nullable;

/**
 * Looks for something under a prefix: first asks etcd, and then believes the copy as soon
 * as that is no older than the answer. So nobody is told of what was true before he
 * asked.
 */
final class Sight {

	/** What is looked for; null means that it is not there yet. */
	interface Test<T> extends Function<NavigableMap<ByteString, KeyValue>, @Nullable T> {

	}

	private final Engine engine;

	private final ByteString prefix;

	Sight(Engine engine, ByteString prefix) {
		this.engine = engine;
		this.prefix = prefix;
	}

	private CompletableFuture<NavigableMap<ByteString, KeyValue>> now() {
		return this.engine
			.read(RangeRequest.newBuilder().setKey(this.prefix).setRangeEnd(KeySpace.end(this.prefix)).build())
			.thenApply((response) -> entries(response.getKvsList().stream()));
	}

	/** By their keys. */
	static NavigableMap<ByteString, KeyValue> entries(Stream<KeyValue> found) {
		NavigableMap<ByteString, KeyValue> entries = new TreeMap<>(ByteString.unsignedLexicographicalComparator());
		found.forEach((entry) -> entries.put(entry.getKey(), entry));
		return entries;
	}

	/**
	 * Lets the caller's thread wait until it is there. An answer of etcd that is under
	 * way counts even if the time is over.
	 */
	<T> Optional<T> await(Waits waits, Duration wait, String operation, Test<T> test) throws InterruptedException {
		NavigableMap<ByteString, KeyValue> entries = waits.answer(operation, now());
		T found = test.apply(entries);
		if (found != null || wait.isZero()) {
			return Optional.ofNullable(found);
		}
		CompletableFuture<T> outcome = new CompletableFuture<>();
		this.engine.loop().run(() -> look(entries, test, outcome));
		return waits.within(wait, operation, outcome);
	}

	/** Looks until it is there, or the outcome is cancelled. */
	<T> CompletableFuture<T> until(Test<T> test) {
		CompletableFuture<T> outcome = new CompletableFuture<>();
		now().whenComplete((entries, failure) -> this.engine.loop().run(() -> {
			if (failure != null) {
				outcome.completeExceptionally((failure.getCause() != null) ? failure.getCause() : failure);
			}
			else if (!outcome.isDone()) {
				look(entries, test, outcome);
			}
		}));
		return outcome;
	}

	private <T> void look(NavigableMap<ByteString, KeyValue> entries, Test<T> test, CompletableFuture<T> outcome) {
		T found = test.apply(entries);
		if (found != null) {
			outcome.complete(found);
			return;
		}
		long seen = entries.values().stream().mapToLong(KeyValue::getModRevision).max().orElse(0);
		CompletableFuture<T> look = this.engine.mirror(this.prefix)
			.until((mirror) -> (mirror.revision() >= seen) ? test.apply(mirror.entries()) : null);
		look.whenComplete((result, failure) -> {
			if (failure != null) {
				outcome.completeExceptionally(failure);
			}
			else {
				outcome.complete(result);
			}
		});
		outcome.whenComplete((result, failure) -> look.cancel(false));
	}

}
