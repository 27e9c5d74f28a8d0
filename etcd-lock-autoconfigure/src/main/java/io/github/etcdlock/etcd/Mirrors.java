package io.github.etcdlock.etcd;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import io.github.etcdlock.LockRequest;

/**
 * The copies of what is in etcd that this process keeps, one for each range that somebody
 * uses, or used a moment ago. Lives on the loop.
 */
final class Mirrors {

	private static final long LINGER = TimeUnit.SECONDS.toNanos(10);

	/**
	 * What is copied.
	 *
	 * @param key the first key
	 * @param end the first key that is not
	 */
	record Range(ByteString key, ByteString end) {

		private static final ByteString NUL = ByteString.copyFrom(new byte[1]);

		static Range prefix(ByteString prefix) {
			return new Range(prefix, KeySpace.end(prefix));
		}

		/** Nothing is between a key and the same with a NUL at its end. */
		static Range only(ByteString key) {
			return new Range(key, key.concat(NUL));
		}

		@Override
		public String toString() {
			String shown = LockRequest.quote(this.key.toStringUtf8());
			return this.end.endsWith(NUL) ? "the key " + shown : "everything under " + shown;
		}

	}

	private final Map<Range, Mirror> byRange = new HashMap<>();

	Mirror of(Engine engine, Range range) {
		return this.byRange.computeIfAbsent(range, (key) -> new Mirror(engine, key));
	}

	int size() {
		return this.byRange.size();
	}

	void tick(long now) {
		for (Mirror mirror : List.copyOf(this.byRange.values())) {
			if (!mirror.used() && now - mirror.idleSince() > LINGER) {
				this.byRange.remove(mirror.range());
				mirror.close();
			}
		}
	}

	/** What comes now has revisions that were seen before. */
	void storeWentBack() {
		this.byRange.values().forEach(Mirror::storeWentBack);
	}

}
