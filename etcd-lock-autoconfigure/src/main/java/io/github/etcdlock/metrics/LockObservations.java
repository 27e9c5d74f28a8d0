package io.github.etcdlock.metrics;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockListener;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Observes what is done through a template. A lock that is not held by {@code execute} is
 * held until this listener hears of its end, wherever that comes from.
 */
public final class LockObservations implements LockListener {

	private final ObservationRegistry registry;

	private final Duration defaultWait;

	private final Map<LockHandle, Observation> open = new ConcurrentHashMap<>();

	/**
	 * Creates the observations.
	 * @param registry who is told
	 * @param defaultWait how long is waited when a request does not say
	 */
	public LockObservations(ObservationRegistry registry, Duration defaultWait) {
		this.registry = registry;
		this.defaultWait = defaultWait;
	}

	/**
	 * A template whose locks are observed.
	 * @param locks the template
	 * @return one that does the same
	 */
	public LockTemplate observe(LockTemplate locks) {
		return this.registry.isNoop() ? locks : new ObservedLockTemplate(locks, this);
	}

	Observation start(LockObservation observed, LockRequest request, @Nullable Observation parent) {
		return Observation
			.createNotStarted(null, new DefaultLockObservationConvention(observed),
					() -> new LockObservationContext(observed, request), this.registry)
			.parentObservation(parent)
			.start();
	}

	@Nullable Observation current() {
		return this.registry.getCurrentObservation();
	}

	void acquired(Observation wait, LockHandle lock) {
		context(wait).setToken(lock.fencingToken());
		end(wait, LockOutcome.ACQUIRED);
	}

	/** The lock was busy. */
	void notAcquired(Observation wait, LockRequest request, Duration waited) {
		end(wait, LockOutcome.notAcquired(request, waited, this.defaultWait));
	}

	void failed(Observation wait, LockRequest request, Duration waited, Throwable failure) {
		wait.error(failure);
		boolean gaveUp = failure instanceof LockNotAcquiredException || failure instanceof InterruptedException
				|| failure instanceof CancellationException;
		end(wait, gaveUp ? LockOutcome.notAcquired(request, waited, this.defaultWait) : LockOutcome.ERROR);
	}

	Observation startHold(LockRequest request, LockHandle lock, @Nullable Observation parent) {
		Observation hold = start(LockObservation.HOLD, request, parent);
		context(hold).setToken(lock.fencingToken());
		return hold;
	}

	void endHold(Observation hold, boolean lost) {
		end(hold, lost ? LockOutcome.LOST : LockOutcome.RELEASED);
	}

	/** Holds it until its end is told. Nobody can have released it yet. */
	void hold(LockRequest request, LockHandle lock, @Nullable Observation parent) {
		this.open.put(lock, startHold(request, lock, parent));
		lock.onLost(() -> over(lock, LockOutcome.LOST));
	}

	@Override
	public void onReleased(LockHandle lock) {
		over(lock, LockOutcome.RELEASED);
	}

	private void over(LockHandle lock, LockOutcome outcome) {
		Observation hold = this.open.remove(lock);
		if (hold != null) {
			end(hold, outcome);
		}
	}

	private static void end(Observation observation, LockOutcome outcome) {
		context(observation).setOutcome(outcome);
		observation.stop();
	}

	private static LockObservationContext context(Observation observation) {
		return (LockObservationContext) observation.getContext();
	}

}
