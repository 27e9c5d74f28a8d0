package io.github.etcdlock.metrics;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.jspecify.annotations.Nullable;

/** What this process holds and waits for now. */
public final class LockGauges implements MeterBinder {

	/** All gauges of one scrape show the same moment, which is looked at once. */
	private static final long FRESH = TimeUnit.MILLISECONDS.toNanos(500);

	private final Supplier<LockLoad> load;

	private volatile @Nullable Look last;

	/**
	 * Creates the gauges.
	 * @param load looks what there is at this moment
	 */
	public LockGauges(Supplier<LockLoad> load) {
		this.load = load;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		gauge("etcd.lock.held", LockLoad::held).description("Locks that this process holds").register(registry);
		gauge("etcd.lock.waiting", LockLoad::waiting).description("Requests of this process that wait for a lock")
			.register(registry);
		gauge("etcd.lock.sessions", LockLoad::active).tag("state", "active")
			.description("Leases of this process, by whether they are renewed in time")
			.register(registry);
		gauge("etcd.lock.sessions", LockLoad::suspended).tag("state", "suspended")
			.description("Leases of this process, by whether they are renewed in time")
			.register(registry);
		gauge("etcd.lock.session.expiry", LockGauges::expiry)
			.description("How soon the first lease of this process ends unless it is renewed")
			.baseUnit("seconds")
			.register(registry);
	}

	private Gauge.Builder<LockGauges> gauge(String name, ToDoubleFunction<LockLoad> value) {
		return Gauge.builder(name, this, (gauges) -> value.applyAsDouble(gauges.look()));
	}

	private static double expiry(LockLoad load) {
		Duration left = load.untilExpiry();
		return (left != null) ? left.toMillis() / 1000.0 : Double.NaN;
	}

	private LockLoad look() {
		Look look = this.last;
		if (look == null || System.nanoTime() - look.at() > FRESH) {
			look = new Look(this.load.get(), System.nanoTime());
			this.last = look;
		}
		return look.load();
	}

	private record Look(LockLoad load, long at) {
	}

}
