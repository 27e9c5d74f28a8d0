package io.github.etcdlock.benchmarks;

import java.util.Map;

/** What one contestant did in one round. */
record Measurement(Work work, Contestant contestant, int round, Map<Metric, Double> values) {

	double value(Metric metric) {
		return this.values.getOrDefault(metric, Double.NaN);
	}

}
