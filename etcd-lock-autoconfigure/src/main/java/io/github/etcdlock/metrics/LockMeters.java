package io.github.etcdlock.metrics;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.github.etcdlock.EtcdLockException;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockListener;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.LockRequest;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;

/**
 * How long locks are waited for and held, and how often that ends in which way. Tagged by
 * the lock's name, never by its key: a key that varies would be a time series for each.
 */
public final class LockMeters implements LockListener {

	/** The name of a lock that has none. */
	static final String NO_NAME = "none";

	private final MeterProvider<Timer> waits;

	private final MeterProvider<Timer> holds;

	private final MeterProvider<Counter> outcomes;

	private final Set<Tags> known = ConcurrentHashMap.newKeySet();

	private final Duration defaultWait;

	/**
	 * Creates the meters.
	 * @param registry where they are registered
	 * @param defaultWait how long is waited when a request does not say
	 */
	public LockMeters(MeterRegistry registry, Duration defaultWait) {
		this.waits = Timer.builder("etcd.lock.wait.time")
			.description("How long locks were waited for, whether or not they were had")
			.withRegistry(registry);
		this.holds = Timer.builder("etcd.lock.hold.time")
			.description("How long locks were held")
			.withRegistry(registry);
		this.outcomes = Counter.builder("etcd.lock.outcomes")
			.description("What became of locks that were asked for")
			.withRegistry(registry);
		this.defaultWait = defaultWait;
	}

	@Override
	public void onAcquired(LockHandle lock, Duration waited) {
		asked(tags(lock.name(), lock.mode()), LockOutcome.ACQUIRED, waited);
	}

	@Override
	public void onNotAcquired(LockRequest request, Duration waited) {
		asked(tags(request), LockOutcome.notAcquired(request, waited, this.defaultWait), waited);
	}

	@Override
	public void onError(LockRequest request, Duration waited, EtcdLockException cause) {
		asked(tags(request), LockOutcome.ERROR, waited);
	}

	@Override
	public void onReleased(LockHandle lock) {
		held(lock, LockOutcome.RELEASED);
	}

	@Override
	public void onLost(LockHandle lock) {
		held(lock, LockOutcome.LOST);
		count(tags(lock.name(), lock.mode()), LockOutcome.LOST);
	}

	private void asked(Tags tags, LockOutcome outcome, Duration waited) {
		this.waits.withTags(tags.and("outcome", outcome.tag())).record(waited);
		count(tags, outcome);
	}

	/**
	 * A series that begins with its first event has not increased, as Prometheus sees it:
	 * all of a lock begin together, so that its first loss is one.
	 */
	private void count(Tags tags, LockOutcome outcome) {
		if (this.known.add(tags)) {
			LockOutcome.COUNTED.forEach((each) -> counter(tags, each));
		}
		counter(tags, outcome).increment();
	}

	private Counter counter(Tags tags, LockOutcome outcome) {
		return this.outcomes.withTags(tags.and("outcome", outcome.tag()));
	}

	private void held(LockHandle lock, LockOutcome outcome) {
		this.holds.withTags(tags(lock.name(), lock.mode()).and("outcome", outcome.tag())).record(lock.heldFor());
	}

	private static Tags tags(LockRequest request) {
		return tags(Optional.ofNullable(request.name()), request.mode());
	}

	private static Tags tags(Optional<String> name, LockMode mode) {
		return Tags.of("name", name.orElse(NO_NAME), "mode", mode.name().toLowerCase(Locale.ROOT));
	}

}
