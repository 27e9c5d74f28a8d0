package io.github.etcdlock.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.LongStream;

/** Where a lock went from one process to another, and how long that took. */
final class Handovers {

	/** Long enough for the other process to stand in line. */
	static final Duration HOLD = Duration.ofMillis(2);

	private Handovers() {
	}

	/**
	 * The times from the start of a release to the next take, where that was another
	 * process's. The processes' clocks are one: the system's monotonic clock.
	 * @param moments of each process, the moments of its takes and releases in turn
	 */
	static double[] between(List<long[]> moments) {
		List<Hold> holds = new ArrayList<>();
		for (int process = 0; process < moments.size(); process++) {
			long[] own = moments.get(process);
			for (int i = 0; i + 1 < own.length; i += 2) {
				holds.add(new Hold(process, own[i], own[i + 1]));
			}
		}
		holds.sort(Comparator.comparingLong(Hold::taken));
		Samples samples = new Samples();
		for (int i = 1; i < holds.size(); i++) {
			Hold before = holds.get(i - 1);
			Hold after = holds.get(i);
			if (before.process() != after.process()) {
				samples.add(after.taken() - before.releasing());
			}
		}
		return LongStream.of(samples.toArray()).asDoubleStream().toArray();
	}

	private record Hold(int process, long taken, long releasing) {

	}

}
