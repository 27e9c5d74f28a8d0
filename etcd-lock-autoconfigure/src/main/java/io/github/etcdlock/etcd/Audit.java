package io.github.etcdlock.etcd;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

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

	private static final long SHORTEST = TimeUnit.SECONDS.toNanos(30);

	private static final long LONGEST = TimeUnit.MINUTES.toNanos(10);

	private final Engine engine;

	private final Session session;

	/** How the name of every place of this session begins. */
	private final String ours;

	/** What is no place, though it hangs on the lease and has such a name. */
	private final List<ByteString> others;

	/**
	 * Unknown the last time: whoever is so twice was not left by a request under way.
	 */
	private Set<ByteString> unknown = Set.of();

	private long last;

	Audit(Engine engine, Session session) {
		this.engine = engine;
		this.session = session;
		this.ours = session.nameOf("");
		this.others = List.of(engine.keys().tombstone(""), engine.keys().marker(""), engine.keys().kind("services"));
		this.last = engine.clock().nanos();
	}

	void tick() {
		long now = this.engine.clock().nanos();
		if (now - this.last >= interval()) {
			this.last = now;
			run();
		}
	}

	/**
	 * The longer nothing has changed the rarer: thousands of locks that are only held
	 * cost hardly more than the renewals.
	 */
	private long interval() {
		long quiet = this.unknown.isEmpty() ? this.last - this.session.changedAt() : 0;
		return Math.min(LONGEST, Math.max(SHORTEST, quiet));
	}

	void run() {
		this.session.checkRights();
		Map<ByteString, Place> before = new HashMap<>();
		this.session.places()
			.stream()
			.filter(Place::standing)
			.forEach((place) -> place.etcdKeys().forEach((key) -> before.put(key, place)));
		this.engine.store()
			.keysOf(this.session.lease(), this.engine.store().deadline(),
					(response) -> this.engine.loop().run(() -> compare(before, response)),
					(failure) -> logger.debug("The keys of {} could not be listed: {}", this.session, failure.text()));
	}

	private void compare(Map<ByteString, Place> before, LeaseTimeToLiveResponse response) {
		if (this.session.over()) {
			return;
		}
		if (response.getTTL() <= 0) {
			this.session.leaseGone();
			return;
		}
		Set<ByteString> known = this.session.places().stream().flatMap(Place::etcdKeys).collect(Collectors.toSet());
		Set<ByteString> strangers = new HashSet<>();
		Map<ByteString, Place> missing = new HashMap<>(before);
		for (ByteString key : response.getKeysList()) {
			missing.remove(key);
			if (name(key).startsWith(this.ours) && !known.contains(key)
					&& this.others.stream().noneMatch(key::startsWith)) {
				strangers.add(key);
			}
		}
		Set.copyOf(missing.values()).forEach(Place::readAgain);
		strangers.stream().filter(this.unknown::contains).forEach(this::end);
		this.unknown = strangers;
	}

	/** Once no place can come to have its name. */
	private void end(ByteString key) {
		if (!this.session.names().spent(name(key))) {
			this.session.names().spend(name(key));
			return;
		}
		logger.warn("The key {} hangs on the lease of this process, which does not know it: deleting it",
				key.toStringUtf8());
		this.engine.reaper().endByName(this.session, List.of(key), this.engine.keys().tombstone(name(key)), () -> {
		});
	}

	private static String name(ByteString key) {
		String text = key.toStringUtf8();
		return text.substring(text.lastIndexOf('/') + 1);
	}

}
