package io.github.etcdlock.autoconfigure;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

import io.github.etcdlock.etcd.QueueUse;
import io.github.etcdlock.etcd.QueueUse.Outcome;
import io.github.etcdlock.metrics.MeteredQueue;
import io.github.etcdlock.metrics.QueueMeters;

/** The queues of the engine as the meters see them. */
final class MeteredQueues {

	private MeteredQueues() {
	}

	static void add(QueueUse use, QueueMeters meters) {
		boolean work = use.kind() == QueueUse.Kind.WORK;
		Map<String, LongSupplier> outcomes = new TreeMap<>();
		for (Outcome outcome : work ? Outcome.values() : new Outcome[0]) {
			outcomes.put(text(outcome), () -> use.count(outcome));
		}
		meters.add(new MeteredQueue(text(use.kind()), use.name(), use::deliveries, outcomes, () -> depth(use)),
				work ? List.of("ready", "delayed", "dead") : List.of("ready"));
	}

	private static CompletableFuture<Map<String, Long>> depth(QueueUse use) {
		return use.depth()
			.thenApply((depth) -> Map.of("ready", depth.ready(), "delayed", depth.delayed(), "dead", depth.dead()));
	}

	private static String text(Enum<?> constant) {
		return constant.name().toLowerCase(Locale.ROOT);
	}

}
