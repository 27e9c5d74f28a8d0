package io.github.etcdlock.guard;

import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

import com.google.protobuf.ByteString;

/**
 * The markers of one guard: what is spent goes with the next write, so that no request is
 * made for it.
 */
final class Markers {

	private static final int MOST_AT_ONCE = 8;

	private final String prefix;

	private final AtomicLong count = new AtomicLong();

	private final Queue<Marker> spent = new ConcurrentLinkedQueue<>();

	Markers(String keyPrefix) {
		this.prefix = keyPrefix + "/.guards/" + Long.toHexString(ThreadLocalRandom.current().nextLong()) + "-";
	}

	Marker next() {
		return new Marker(ByteString.copyFromUtf8(this.prefix + Long.toHexString(this.count.incrementAndGet())));
	}

	/** Nobody will ask for it, and no attempt at its write is on its way. */
	void spent(Marker marker) {
		this.spent.add(marker);
	}

	/** Takes some that can be deleted, as far as there is room for them. */
	List<Marker> take(int room) {
		int most = Math.min(room, MOST_AT_ONCE);
		return Stream.generate(this.spent::poll).limit(most).takeWhile(Objects::nonNull).toList();
	}

}
