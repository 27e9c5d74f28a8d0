package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time for which keys stay in etcd though nobody holds them any more. They move to a
 * lease of their own, which ends at that time or a little later even if this process is
 * dead by then, and whatever becomes of its session; if it lives, it gives the lease back
 * at the exact time. Until they have moved the session keeps them. Lives on the loop.
 */
final class Rest {

	private static final Logger logger = LoggerFactory.getLogger(Rest.class);

	private static final long LONGEST_DAYS = 3650;

	/** The shortest lease that etcd grants. */
	private static final long SHORTEST = 2;

	private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(100);

	private final Engine engine;

	private final Place place;

	private final long nanos;

	private final Consumer<Boolean> done;

	private final long lease = ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);

	private final long ttlSeconds;

	private int repetition;

	private boolean settled;

	private boolean over;

	/**
	 * Prepares it.
	 * @param place whose keys are to stay
	 * @param nanos for how long
	 * @param done is told, once that is known, whether the keys were still there
	 */
	Rest(Engine engine, Place place, long nanos, Consumer<Boolean> done) {
		this.engine = engine;
		this.place = place;
		this.nanos = nanos;
		this.done = done;
		long second = TimeUnit.SECONDS.toNanos(1);
		this.ttlSeconds = Math.max(SHORTEST, (nanos + second - 1) / second);
	}

	/** Checks a minimum time. */
	static long nanos(@Nullable Duration time) {
		if (time == null || time.isNegative() || time.toDays() > LONGEST_DAYS) {
			throw new IllegalArgumentException(
					"The time to hold a lock at least must be between zero and ten years, but was " + time);
		}
		return time.toNanos();
	}

	void begin() {
		this.engine.later(this.nanos, this::end);
		grant();
	}

	/** An earlier attempt that got through is as good: it was sent no sooner. */
	private void grant() {
		LeaseGrantRequest request = LeaseGrantRequest.newBuilder().setID(this.lease).setTTL(this.ttlSeconds).build();
		this.engine.store()
			.grant(request, this.engine.store().deadline(), (response) -> this.engine.loop().run(this::move),
					(failure) -> this.engine.loop().run(() -> {
						if (failure.leaseExists()) {
							move();
						}
						else {
							again(failure, this::grant);
						}
					}));
	}

	private void move() {
		if (this.over) {
			return;
		}
		TxnRequest request = this.place.move(this.lease);
		this.engine.store()
			.repeatTxn(request, this.engine.store().deadline(),
					(response) -> this.engine.loop().run(() -> answered(response)),
					(failure) -> this.engine.loop().run(() -> again(failure, this::move)));
	}

	private void answered(TxnResponse response) {
		if (this.over) {
			return;
		}
		this.settled = true;
		if (!response.getSucceeded()) {
			this.place.notMoved();
		}
		this.done.accept(response.getSucceeded());
		// From now on the keys stand in the line as those of any other process do.
		this.place.over();
	}

	private void again(EtcdFailure failure, Runnable step) {
		if (this.over) {
			return;
		}
		if (failure.passing()) {
			this.engine.later(pause(), step);
		}
		else {
			logger.warn("etcd refuses a lease for a lock that is to be kept for a minimum time: {}. "
					+ "It is kept only for as long as this process lives", failure.text());
		}
	}

	private long pause() {
		return PAUSE << Math.min(this.repetition++, 5);
	}

	/** A put that is still under way finds its keys or its lease gone. */
	private void end() {
		this.over = true;
		if (!this.settled) {
			this.place.release(this.done);
		}
		this.repetition = 0;
		revoke();
	}

	/** Not worth waiting for: if it never gets through, the lease ends by itself soon. */
	private void revoke() {
		this.engine.store()
			.revoke(this.lease, this.engine.store().deadline(), (response) -> logger.trace("A minimum time is over"),
					(failure) -> this.engine.loop().run(() -> {
						if (failure.passing() && this.repetition < 10) {
							this.engine.later(pause(), this::revoke);
						}
					}));
	}

}
