package io.github.etcdlock.metrics;

import java.time.Duration;

import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/** How long etcd takes to answer, and what it says. */
public final class RequestMeters {

	private final MeterProvider<Timer> requests;

	/**
	 * Creates the meters.
	 * @param registry where they are registered
	 */
	public RequestMeters(MeterRegistry registry) {
		this.requests = Timer.builder("etcd.lock.requests")
			.description("Requests to etcd, each repetition counted")
			.withRegistry(registry);
	}

	/**
	 * Records one request.
	 * @param method what etcd was asked, such as "Txn"
	 * @param status how it answered, such as "OK" or "UNAVAILABLE"
	 * @param took how long that took
	 */
	public void record(String method, String status, Duration took) {
		this.requests.withTags("method", method, "status", status).record(took);
	}

}
