package io.github.etcdlock.etcd;

import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Names that no key has twice, in the order in which this process gives them. They begin
 * with the time in nanoseconds, as the keys of Go's queues do.
 */
final class Names {

	private final Clock clock;

	private final String process = Long.toHexString(ThreadLocalRandom.current().nextLong());

	private final AtomicLong last = new AtomicLong();

	Names(Clock clock) {
		this.clock = clock;
	}

	/** The wall clock, in nanoseconds. */
	long now() {
		return this.clock.wallAhead() + this.clock.nanos();
	}

	String next() {
		long now = now();
		return time(this.last.updateAndGet((last) -> Math.max(last + 1, now))) + "-" + this.process;
	}

	/** A time as keys have it, so that they are in its order. */
	static String time(long nanos) {
		return String.format(Locale.ROOT, "%019d", Math.max(0, nanos));
	}

	/** The time so many nanoseconds from now. */
	String in(long nanos) {
		long now = now();
		return time((nanos > Long.MAX_VALUE - now) ? Long.MAX_VALUE : now + nanos);
	}

	/** How long until a time that a key has, in nanoseconds. */
	long until(String time) {
		return Long.parseLong(time) - now();
	}

}
