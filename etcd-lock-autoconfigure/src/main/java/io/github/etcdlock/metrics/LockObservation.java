package io.github.etcdlock.metrics;

import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.docs.ObservationDocumentation;

/**
 * What is observed of locks: one span while a lock is waited for, one while it is held.
 */
public enum LockObservation implements ObservationDocumentation {

	/** From when a lock is asked for until it is had, or not. */
	ACQUIRE("etcd.lock.acquire"),

	/** From when a lock is had until it is released or lost. */
	HOLD("etcd.lock.hold");

	private final String text;

	LockObservation(String text) {
		this.text = text;
	}

	@Override
	public String getName() {
		return this.text;
	}

	@Override
	public Class<? extends ObservationConvention<? extends Observation.Context>> getDefaultConvention() {
		return DefaultLockObservationConvention.class;
	}

	@Override
	public KeyName[] getLowCardinalityKeyNames() {
		return LowCardinality.values();
	}

	@Override
	public KeyName[] getHighCardinalityKeyNames() {
		return HighCardinality.values();
	}

	/** What may be a tag of a meter. */
	public enum LowCardinality implements KeyName {

		/** The lock's name, or "none". */
		NAME("name"),

		/** Whether others may hold it at the same time. */
		MODE("mode"),

		/** How it ended: acquired, busy, timeout, error; released, lost. */
		OUTCOME("outcome");

		private final String key;

		LowCardinality(String key) {
			this.key = key;
		}

		@Override
		public String asString() {
			return this.key;
		}

	}

	/** What only traces show. */
	public enum HighCardinality implements KeyName {

		/** The lock's keys. */
		KEYS("etcd.lock.keys"),

		/** The fencing token, once the lock is had. */
		TOKEN("etcd.lock.token");

		private final String key;

		HighCardinality(String key) {
			this.key = key;
		}

		@Override
		public String asString() {
			return this.key;
		}

	}

}
