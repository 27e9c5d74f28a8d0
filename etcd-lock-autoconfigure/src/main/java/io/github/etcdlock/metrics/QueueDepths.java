package io.github.etcdlock.metrics;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much is in the queues. One look at all of them serves a whole scrape, and those who
 * scrape soon after: so a scrape waits for etcd once, and not once for each queue.
 */
final class QueueDepths {

	private static final Logger logger = LoggerFactory.getLogger(QueueDepths.class);

	private static final long FRESH = TimeUnit.SECONDS.toNanos(5);

	/** No scrape waits longer for etcd. */
	private static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(500);

	private final Set<MeteredQueue> queues = new LinkedHashSet<>();

	private @Nullable Look last;

	/** The next scrape looks at this one, too. */
	synchronized void add(MeteredQueue queue) {
		this.queues.add(queue);
		this.last = null;
	}

	/** How much of a queue is in a state, or NaN if nobody can say. */
	double of(MeteredQueue queue, String state) {
		try {
			return look().depth(queue).getOrDefault(state, 0L).doubleValue();
		}
		catch (ExecutionException | TimeoutException ex) {
			logger.debug("Nobody knows how much is in the queue {}", queue.name(), ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		return Double.NaN;
	}

	private synchronized Look look() {
		Look look = this.last;
		if (look == null || System.nanoTime() - look.at > FRESH) {
			look = new Look(this.queues);
			this.last = look;
		}
		return look;
	}

	/** What was asked at one moment. */
	private static final class Look {

		private final long at = System.nanoTime();

		private final Map<MeteredQueue, CompletableFuture<Map<String, Long>>> depths = new HashMap<>();

		Look(Collection<MeteredQueue> queues) {
			queues.forEach((queue) -> this.depths.put(queue, queue.depth().get()));
		}

		Map<String, Long> depth(MeteredQueue queue) throws InterruptedException, ExecutionException, TimeoutException {
			long left = this.at + PATIENCE - System.nanoTime();
			return this.depths.get(queue).get(Math.max(0, left), TimeUnit.NANOSECONDS);
		}

	}

}
