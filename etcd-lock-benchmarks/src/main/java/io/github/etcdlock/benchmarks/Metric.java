package io.github.etcdlock.benchmarks;

/** What is known of a measurement. */
enum Metric {

	/** Pairs of lock and unlock, or hand-overs. */
	RATE("1/s"),

	/** Of lock and unlock together, or of a hand-over. */
	P50("µs"),

	/** As the median, but the 99th percentile. */
	P99("µs"),

	/** What the client's process computes for each pair. */
	CLIENT_CPU("µs"),

	/** What the server computes for each pair. */
	SERVER_CPU("µs"),

	/** What the server is asked for each pair. */
	REQUESTS("1"),

	/** What the poorest process gets in its worst second, as a part of its fair share. */
	LEAST_SHARE("1");

	private final String unit;

	Metric(String unit) {
		this.unit = unit;
	}

	String unit() {
		return this.unit;
	}

}
