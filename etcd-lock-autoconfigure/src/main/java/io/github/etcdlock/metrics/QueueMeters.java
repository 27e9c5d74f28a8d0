package io.github.etcdlock.metrics;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is in the queues that this process uses, and what it does with it. */
public final class QueueMeters {

	private static final Logger logger = LoggerFactory.getLogger(QueueMeters.class);

	/** A queue for each customer, say, would make time series without end. */
	private static final int MOST = 100;

	private final MeterRegistry registry;

	private final Set<Tags> known = ConcurrentHashMap.newKeySet();

	private final QueueDepths depths = new QueueDepths();

	/**
	 * Creates the meters.
	 * @param registry where they are registered
	 */
	public QueueMeters(MeterRegistry registry) {
		this.registry = registry;
	}

	/**
	 * Registers the meters of a queue, the first time and for the first hundred queues.
	 * @param queue the queue
	 * @param states what its depth is told by
	 */
	public void add(MeteredQueue queue, List<String> states) {
		Tags tags = Tags.of("kind", queue.kind(), "queue", queue.name());
		if (this.known.size() >= MOST || !this.known.add(tags)) {
			return;
		}
		if (this.known.size() == MOST) {
			logger.warn("This process uses {} queues: those it begins to use from now on have no metrics", MOST);
		}
		// The gauges hold the queue, and with it what the counters look at.
		this.depths.add(queue);
		states
			.forEach((state) -> Gauge.builder("etcd.lock.queue.depth", this.depths, (depths) -> depths.of(queue, state))
				.tags(tags.and("state", state))
				.description("Items in a queue, of all processes")
				.strongReference(true)
				.register(this.registry));
		count("etcd.lock.queue.deliveries", queue.deliveries(), tags, "Items that this process has received");
		queue.outcomes()
			.forEach((outcome, count) -> count("etcd.lock.queue.outcomes", count, tags.and("outcome", outcome),
					"Deliveries of work to this process, by how they ended"));
	}

	private void count(String name, LongSupplier number, Tags tags, String description) {
		FunctionCounter.builder(name, number, LongSupplier::getAsLong)
			.tags(tags)
			.description(description)
			.register(this.registry);
	}

}
