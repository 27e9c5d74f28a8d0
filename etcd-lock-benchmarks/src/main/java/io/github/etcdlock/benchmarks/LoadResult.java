package io.github.etcdlock.benchmarks;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * What a worker process did, as one line.
 *
 * @param finished the pairs of lock and unlock that ended within the window
 * @param all these, and those that were under way when it ended
 * @param cpuNanos what the process computed for all of them
 * @param p50 the median of lock and unlock together, in nanoseconds
 * @param p99 the 99th percentile
 * @param perSecond the pairs that ended in each second of the window
 * @param compiled for how long its code was compiled meanwhile, in milliseconds
 * @param moments if traced, when each lock was taken and when its release began, in
 * nanoseconds of the system's monotonic clock
 */
record LoadResult(long finished, long all, long cpuNanos, long p50, long p99, long[] perSecond, long compiled,
		long[] moments) {

	static final String ANSWER = "loaded";

	String toLine() {
		return String.join(" ", ANSWER, "" + this.finished, "" + this.all, "" + this.cpuNanos, "" + this.p50,
				"" + this.p99, join(this.perSecond), "" + this.compiled, join(this.moments));
	}

	static LoadResult parse(String line) {
		String[] words = line.split(" ");
		return new LoadResult(Long.parseLong(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2]),
				Long.parseLong(words[3]), Long.parseLong(words[4]), split(words[5]), Long.parseLong(words[6]),
				split(words[7]));
	}

	private static String join(long[] numbers) {
		return (numbers.length == 0) ? "-"
				: Arrays.stream(numbers).mapToObj(Long::toString).collect(Collectors.joining(","));
	}

	private static long[] split(String numbers) {
		return numbers.equals("-") ? new long[0]
				: Arrays.stream(numbers.split(","))
					.flatMapToLong((one) -> LongStream.of(Long.parseLong(one)))
					.toArray();
	}

}
