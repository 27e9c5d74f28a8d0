package io.github.etcdlock.benchmarks;

import java.time.Duration;

/** A running server; it ends with the benchmark. */
interface Server extends AutoCloseable {

	/** Host and port. */
	String address();

	/** Its own version, as it says. */
	String version();

	long pid();

	/** How many requests it has got since it was started. */
	long requests();

	/** The time it has computed since it was started. */
	default Duration cpu() {
		return ProcessHandle.of(pid()).flatMap((process) -> process.info().totalCpuDuration()).orElse(Duration.ZERO);
	}

	@Override
	void close();

}
