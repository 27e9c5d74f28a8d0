package io.github.etcdlock;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * What to lock, and how. Immutable; every argument is checked when it is made.
 *
 * @param keys the keys, without duplicates; several are taken together, all or none
 * @param mode whether others may hold the lock at the same time
 * @param waitTime how long to wait, zero to try once, or null for
 * {@code etcd-lock.wait-time}
 * @param ttl how soon a dead holder's lock is free, or null for {@code etcd-lock.ttl}
 * @param name what metrics and traces call the lock, the same for many keys, or null
 */
public record LockRequest(List<String> keys, LockMode mode, @Nullable Duration waitTime, @Nullable Duration ttl,
		@Nullable String name) {

	private static final int MAX_KEYS = 32;

	private static final int MAX_KEY_BYTES = 512;

	private static final int QUOTED_CHARACTERS = 64;

	private static final Duration MIN_TTL = Duration.ofSeconds(2);

	private static final Duration MAX_TTL = Duration.ofSeconds(9_000_000_000L);

	/**
	 * Checks the request.
	 * @param keys the keys; duplicates collapse
	 * @param mode whether others may hold the lock at the same time
	 * @param waitTime how long to wait, or null for the default
	 * @param ttl how soon a dead holder's lock is free, or null for the default
	 * @param name what metrics and traces call the lock, or null
	 */
	public LockRequest {
		if (keys == null || keys.isEmpty()) {
			throw new InvalidLockKeyException("A lock needs a key, but none was given");
		}
		for (String key : keys) {
			checkKey(key);
		}
		keys = (keys.size() == 1) ? List.of(keys.get(0)) : keys.stream().distinct().toList();
		if (keys.size() > MAX_KEYS) {
			throw new InvalidLockKeyException("At most " + MAX_KEYS + " keys can be locked together, but " + keys.size()
					+ " were given: lock something coarser");
		}
		if (mode == null) {
			throw new IllegalArgumentException("The lock mode must not be null");
		}
		checkWaitTime(waitTime);
		checkTtl(ttl);
		if (name != null && name.isBlank()) {
			throw new IllegalArgumentException("The name of a lock must not be blank: leave it out for none");
		}
	}

	/**
	 * A request without a name.
	 * @param keys the keys; duplicates collapse
	 * @param mode whether others may hold the lock at the same time
	 * @param waitTime how long to wait, or null for the default
	 * @param ttl how soon a dead holder's lock is free, or null for the default
	 */
	public LockRequest(List<String> keys, LockMode mode, @Nullable Duration waitTime, @Nullable Duration ttl) {
		this(keys, mode, waitTime, ttl, null);
	}

	/**
	 * A request for an exclusive lock with the default times.
	 * @param keys one key or several, which are then taken together
	 * @return the request
	 */
	public static LockRequest of(String... keys) {
		return new LockRequest((keys != null) ? Arrays.asList(keys) : List.of(), LockMode.EXCLUSIVE, null, null);
	}

	/**
	 * The same request in shared mode.
	 * @return the request
	 */
	public LockRequest shared() {
		return new LockRequest(this.keys, LockMode.SHARED, this.waitTime, this.ttl, this.name);
	}

	/**
	 * The same request with another wait time.
	 * @param time how long to wait for the lock; zero tries once
	 * @return the request
	 */
	public LockRequest waitingUpTo(Duration time) {
		return new LockRequest(this.keys, this.mode, time, this.ttl, this.name);
	}

	/**
	 * The same request with another time to live.
	 * @param time how soon the lock is free after its holder died: whole seconds, two at
	 * least
	 * @return the request
	 */
	public LockRequest withTtl(Duration time) {
		return new LockRequest(this.keys, this.mode, this.waitTime, time, this.name);
	}

	/**
	 * The same request with a name.
	 * @param text what metrics and traces call the lock: one text for all keys of a kind,
	 * such as "order", for each makes a time series of its own
	 * @return the request
	 */
	public LockRequest named(String text) {
		return new LockRequest(this.keys, this.mode, this.waitTime, this.ttl, text);
	}

	/**
	 * The keys as messages show them: in quotes, escaped, and cut.
	 * @return the keys for a message
	 */
	public String quotedKeys() {
		return this.keys.stream().map(LockRequest::quote).collect(Collectors.joining(", "));
	}

	/**
	 * A key as messages show it: in quotes, at most 64 characters of it, with control
	 * characters and lone surrogates escaped.
	 * @param key the key
	 * @return the key for a message
	 */
	public static String quote(String key) {
		StringBuilder quoted = new StringBuilder("\"");
		int shown = Math.min(key.length(), QUOTED_CHARACTERS);
		for (int i = 0; i < shown; i++) {
			char c = key.charAt(i);
			boolean pair = Character.isHighSurrogate(c) && i + 1 < shown && Character.isLowSurrogate(key.charAt(i + 1));
			if (pair) {
				quoted.append(c).append(key.charAt(++i));
			}
			else if (c == '"' || c == '\\') {
				quoted.append('\\').append(c);
			}
			else if (Character.isISOControl(c) || Character.isSurrogate(c) || Character.getType(c) == Character.FORMAT
					|| c == '\u2028' || c == '\u2029') {
				quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
			}
			else {
				quoted.append(c);
			}
		}
		return quoted.append((shown < key.length()) ? "...\"" : "\"").toString();
	}

	private static void checkKey(@Nullable String key) {
		if (key == null) {
			throw new InvalidLockKeyException("A lock key must not be null");
		}
		if (key.isBlank()) {
			throw new InvalidLockKeyException(
					"A lock key must not be blank, but was " + quote(key) + ": it would lock everything of its kind");
		}
		if (key.length() * 3L <= MAX_KEY_BYTES && isAscii(key)) {
			return;
		}
		try {
			ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(key));
			if (bytes.remaining() > MAX_KEY_BYTES) {
				throw new InvalidLockKeyException("A lock key may have at most " + MAX_KEY_BYTES
						+ " bytes in UTF-8, but " + quote(key) + " has " + bytes.remaining() + ": lock a hash of it");
			}
		}
		catch (CharacterCodingException ex) {
			throw new InvalidLockKeyException("A lock key must be valid text, but " + quote(key)
					+ " has half of a surrogate pair: was it cut in the middle of a character?", ex);
		}
	}

	private static boolean isAscii(String key) {
		for (int i = 0; i < key.length(); i++) {
			if (key.charAt(i) >= 0x80) {
				return false;
			}
		}
		return true;
	}

	private static void checkWaitTime(@Nullable Duration waitTime) {
		if (waitTime != null && waitTime.isNegative()) {
			throw new IllegalArgumentException(
					"The wait time must not be negative, but was " + waitTime + ": use zero to try once");
		}
	}

	private static void checkTtl(@Nullable Duration ttl) {
		if (ttl == null) {
			return;
		}
		if (ttl.compareTo(MIN_TTL) < 0 || ttl.compareTo(MAX_TTL) > 0 || ttl.getNano() != 0) {
			throw new IllegalArgumentException("The TTL must be whole seconds from " + MIN_TTL.toSeconds() + " to "
					+ MAX_TTL.toSeconds() + ", as etcd has it, but was " + ttl);
		}
	}

}
