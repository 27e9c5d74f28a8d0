package io.github.etcdlock.metrics;

import io.github.etcdlock.LockRequest;
import io.micrometer.observation.Observation;
import org.jspecify.annotations.Nullable;

/** What a convention can tell of a lock. */
public final class LockObservationContext extends Observation.Context {

	private final LockObservation observed;

	private final LockRequest request;

	private @Nullable Long token;

	private @Nullable LockOutcome outcome;

	LockObservationContext(LockObservation observed, LockRequest request) {
		this.observed = observed;
		this.request = request;
	}

	/**
	 * Whether the lock is waited for or held.
	 * @return what is observed
	 */
	public LockObservation getObserved() {
		return this.observed;
	}

	/**
	 * What was asked for.
	 * @return the request
	 */
	public LockRequest getRequest() {
		return this.request;
	}

	/**
	 * The fencing token.
	 * @return the token, or null where the lock is not had
	 */
	public @Nullable Long getToken() {
		return this.token;
	}

	/**
	 * How it ended.
	 * @return the outcome in lower case, or "unknown" before the end
	 */
	public String getOutcome() {
		return (this.outcome != null) ? this.outcome.tag() : "unknown";
	}

	void setToken(long token) {
		this.token = token;
	}

	void setOutcome(LockOutcome outcome) {
		this.outcome = outcome;
	}

}
