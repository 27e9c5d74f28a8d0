package io.github.etcdlock.metrics;

import java.util.Locale;

import io.github.etcdlock.LockRequest;
import io.github.etcdlock.metrics.LockObservation.HighCardinality;
import io.github.etcdlock.metrics.LockObservation.LowCardinality;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/** The names that observations of locks have unless the application has its own. */
final class DefaultLockObservationConvention implements ObservationConvention<LockObservationContext> {

	private final LockObservation observed;

	DefaultLockObservationConvention(LockObservation observed) {
		this.observed = observed;
	}

	@Override
	public boolean supportsContext(Observation.Context context) {
		return context instanceof LockObservationContext lock && lock.getObserved() == this.observed;
	}

	@Override
	public String getName() {
		return this.observed.getName();
	}

	@Override
	public String getContextualName(LockObservationContext context) {
		return ((this.observed == LockObservation.ACQUIRE) ? "acquire " : "hold ") + name(context);
	}

	@Override
	public KeyValues getLowCardinalityKeyValues(LockObservationContext context) {
		return KeyValues.of(LowCardinality.NAME.withValue(name(context)),
				LowCardinality.MODE.withValue(context.getRequest().mode().name().toLowerCase(Locale.ROOT)),
				LowCardinality.OUTCOME.withValue(context.getOutcome()));
	}

	@Override
	public KeyValues getHighCardinalityKeyValues(LockObservationContext context) {
		KeyValues keys = KeyValues.of(HighCardinality.KEYS.withValue(String.join(", ", context.getRequest().keys())));
		Long token = context.getToken();
		return (token != null) ? keys.and(HighCardinality.TOKEN.withValue(token.toString())) : keys;
	}

	private static String name(LockObservationContext context) {
		LockRequest request = context.getRequest();
		return (request.name() != null) ? request.name() : LockMeters.NO_NAME;
	}

}
