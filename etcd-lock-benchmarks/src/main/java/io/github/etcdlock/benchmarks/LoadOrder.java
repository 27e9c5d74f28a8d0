package io.github.etcdlock.benchmarks;

import java.time.Duration;

/**
 * What a worker process is told to do, as one line.
 *
 * @param key the one key, or what the threads' own keys begin with
 * @param threads how many threads lock and unlock
 * @param oneKey whether all of them want the same key
 * @param startAt when to start, in milliseconds of the epoch, so that processes start
 * together
 * @param window how long to go on
 * @param hold how long to hold the lock each time
 * @param traced whether each moment is reported, and not only the sum
 */
record LoadOrder(String key, int threads, boolean oneKey, long startAt, Duration window, Duration hold,
		boolean traced) {

	static final String COMMAND = "load";

	static LoadOrder of(String key, int threads, boolean oneKey, Duration window) {
		return new LoadOrder(key, threads, oneKey, System.currentTimeMillis() + 30, window, Duration.ZERO, false);
	}

	/** The same, with the lock held for a while, and every moment reported. */
	LoadOrder traced(Duration holding) {
		return new LoadOrder(this.key, this.threads, this.oneKey, this.startAt, this.window, holding, true);
	}

	String key(int thread) {
		return this.oneKey ? this.key : this.key + "-" + thread;
	}

	String toLine() {
		return String.join(" ", COMMAND, this.key, "" + this.threads, "" + this.oneKey, "" + this.startAt,
				"" + this.window, "" + this.hold, "" + this.traced);
	}

	static LoadOrder parse(String[] words) {
		return new LoadOrder(words[1], Integer.parseInt(words[2]), Boolean.parseBoolean(words[3]),
				Long.parseLong(words[4]), Duration.parse(words[5]), Duration.parse(words[6]),
				Boolean.parseBoolean(words[7]));
	}

}
