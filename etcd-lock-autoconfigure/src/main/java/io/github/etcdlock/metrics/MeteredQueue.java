package io.github.etcdlock.metrics;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * A queue that this process uses.
 *
 * @param kind what it is: one word
 * @param name what it is called
 * @param deliveries how many items this process has received
 * @param outcomes how many deliveries to this process ended how
 * @param depth asks how much is in the queue, by state
 */
public record MeteredQueue(String kind, String name, LongSupplier deliveries, Map<String, LongSupplier> outcomes,
		Supplier<CompletableFuture<Map<String, Long>>> depth) {

}
