package io.github.etcdlock.chaos;

import java.util.HashMap;
import java.util.Map;

/**
 * The highest tokens seen. A writer must not be below any; readers, whose tokens are in
 * no order among each other, must not be below the highest writer.
 */
final class Fence {

	private final Map<String, Long> writers = new HashMap<>();

	private final Map<String, Long> readers = new HashMap<>();

	boolean admits(Event call) {
		return call.token() >= this.writers.getOrDefault(call.key(), Long.MIN_VALUE)
				&& (call.shared() || call.token() >= this.readers.getOrDefault(call.key(), Long.MIN_VALUE));
	}

	void accepted(Event call) {
		(call.shared() ? this.readers : this.writers).merge(call.key(), call.token(), Math::max);
	}

}
