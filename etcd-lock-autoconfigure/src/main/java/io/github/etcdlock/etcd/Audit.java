package io.github.etcdlock.etcd;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.LeaseTimeToLiveResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares, now and then, the keys that hang on a session's lease with what the session
 * knows: ends a key that nobody knows, and has a place looked up whose key is missing.
 * Lives on the loop.
 */
final class Audit {

	private static final Logger logger = LoggerFactory.getLogger(Audit.class);

	private static final long INTERVAL = TimeUnit.SECONDS.toNanos(30);

	private final Engine engine;

	private final Session session;

	private final ByteString own;

	/** Unknown the last time: whoever is unknown twice is no request under way. */
	private Set<ByteString> unknown = Set.of();

	private long next;

	Audit(Engine engine, Session session) {
		this.engine = engine;
		this.session = session;
		this.own = engine.keys().own();
		this.next = engine.clock().nanos() + INTERVAL;
	}

	void tick() {
		if (this.engine.clock().nanos() - this.next >= 0) {
			this.next = this.engine.clock().nanos() + INTERVAL;
			run();
		}
	}

	void run() {
		Map<String, Place> before = new HashMap<>();
		this.session.places().stream().filter(Place::standing).forEach((place) -> before.put(place.name(), place));
		this.engine.store()
			.keysOf(this.session.lease(), this.engine.store().deadline(),
					(response) -> this.engine.loop().run(() -> compare(before, response)),
					(failure) -> logger.debug("The keys of {} could not be listed: {}", this.session, failure.text()));
	}

	private void compare(Map<String, Place> before, LeaseTimeToLiveResponse response) {
		if (this.session.over()) {
			return;
		}
		if (response.getTTL() <= 0) {
			this.session.leaseGone();
			return;
		}
		Set<String> known = new HashSet<>();
		this.session.places().forEach((place) -> known.add(place.name()));
		Set<ByteString> strangers = new HashSet<>();
		Map<String, Place> missing = new HashMap<>(before);
		for (ByteString key : response.getKeysList()) {
			String name = name(key);
			missing.remove(name);
			if (!known.contains(name) && !key.startsWith(this.own)) {
				strangers.add(key);
			}
		}
		missing.values().forEach(Place::readAgain);
		strangers.stream().filter(this.unknown::contains).forEach(this::end);
		this.unknown = strangers;
	}

	private void end(ByteString key) {
		logger.warn("The key {} hangs on the lease of this process, which does not know it: deleting it",
				key.toStringUtf8());
		this.engine.reaper().endByName(this.session, List.of(key), this.engine.keys().tombstone(name(key)));
	}

	private static String name(ByteString key) {
		String text = key.toStringUtf8();
		return text.substring(text.lastIndexOf('/') + 1);
	}

}
