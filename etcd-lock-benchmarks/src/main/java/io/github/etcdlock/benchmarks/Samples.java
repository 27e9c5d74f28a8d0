package io.github.etcdlock.benchmarks;

import java.util.Arrays;

/** Numbers in the order in which they came. */
final class Samples {

	private long[] values = new long[1024];

	private int size;

	void add(long value) {
		if (this.size == this.values.length) {
			this.values = Arrays.copyOf(this.values, this.size * 2);
		}
		this.values[this.size++] = value;
	}

	int size() {
		return this.size;
	}

	long[] toArray() {
		return Arrays.copyOf(this.values, this.size);
	}

	/** The smallest value that so many of all are not above. */
	static double percentile(double[] values, double share) {
		if (values.length == 0) {
			return Double.NaN;
		}
		double[] sorted = values.clone();
		Arrays.sort(sorted);
		return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
	}

	static double median(double[] values) {
		return percentile(values, 0.5);
	}

}
