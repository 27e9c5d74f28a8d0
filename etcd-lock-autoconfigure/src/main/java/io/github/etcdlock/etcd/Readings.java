package io.github.etcdlock.etcd;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.recipe.UnreadableValueException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the entries of a mirror mean to those who watch a key or a prefix. */
final class Readings {

	private static final Logger logger = LoggerFactory.getLogger(Readings.class);

	/** What one entry means. */
	interface Entry<V> {

		V of(KeyValue entry);

	}

	private Readings() {
	}

	/** The value of the only key. */
	static <T> Watched.Reading<T> single(Values values, Class<T> type) {
		return (entries) -> entries.stream()
			.findFirst()
			.map((entry) -> read(entry, type.getName(), typed(values, type)));
	}

	static <T> Entry<T> typed(Values values, Class<T> type) {
		return (entry) -> values.read(entry.getValue(), type);
	}

	private static <V> V read(KeyValue entry, String type, Entry<V> meaning) {
		try {
			return meaning.of(entry);
		}
		catch (RuntimeException ex) {
			throw new UnreadableValueException("The key " + LockRequest.quote(entry.getKey().toStringUtf8())
					+ ", as it was put at revision " + entry.getModRevision() + ", cannot be read as " + type
					+ ": put a value that can, or delete the key", entry.getValue().toByteArray(), ex);
		}
	}

	/**
	 * All values under a prefix by the rest of their keys, each read once. One that
	 * cannot be read is left out, which is logged once.
	 */
	static final class Named<V> implements Watched.Reading<Map<String, V>> {

		private record Known<V>(long revision, Optional<V> value) {
		}

		private final int prefix;

		private final String type;

		private final Entry<V> meaning;

		private Map<ByteString, Known<V>> known = Map.of();

		Named(ByteString prefix, String type, Entry<V> meaning) {
			this.prefix = prefix.size();
			this.type = type;
			this.meaning = meaning;
		}

		@Override
		public synchronized Optional<Map<String, V>> of(Collection<KeyValue> entries) {
			Map<ByteString, Known<V>> now = new HashMap<>();
			Map<String, V> named = new LinkedHashMap<>();
			for (KeyValue entry : entries) {
				Known<V> before = this.known.get(entry.getKey());
				Known<V> read = (before != null && before.revision == entry.getModRevision()) ? before : known(entry);
				now.put(entry.getKey(), read);
				read.value.ifPresent((value) -> named.put(entry.getKey().substring(this.prefix).toStringUtf8(), value));
			}
			this.known = now;
			return Optional.of(Collections.unmodifiableMap(named));
		}

		private Known<V> known(KeyValue entry) {
			try {
				return new Known<>(entry.getModRevision(), Optional.of(read(entry, this.type, this.meaning)));
			}
			catch (UnreadableValueException ex) {
				logger.error("It is left out: {}", ex.getMessage(), ex.getCause());
				return new Known<>(entry.getModRevision(), Optional.empty());
			}
		}

	}

}
