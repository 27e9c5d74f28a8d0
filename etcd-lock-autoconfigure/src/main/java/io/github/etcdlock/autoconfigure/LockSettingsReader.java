package io.github.etcdlock.autoconfigure;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

import io.github.etcdlock.etcd.LockSettings;

/** Checks the properties that the engine works by, and fills in what is left out. */
final class LockSettingsReader {

	private static final Duration MIN_TTL = Duration.ofSeconds(2);

	private static final Duration MAX_TTL = Duration.ofSeconds(9_000_000_000L);

	private static final Duration MAX_REQUEST_TIMEOUT = Duration.ofSeconds(3);

	/** Netty counts milliseconds in an int, and the engine nanoseconds in a long. */
	private static final Duration MAX_TIME = Duration.ofDays(24);

	private LockSettingsReader() {
	}

	static LockSettings read(EtcdLockProperties properties, String application) {
		Duration ttl = ttl(properties.ttl());
		checkWaitTime(properties.waitTime());
		checkPositive("connect-timeout", properties.connectTimeout());
		checkNotTooLong("connect-timeout", properties.connectTimeout());
		if (properties.shutdownTimeout().isNegative()) {
			throw new InvalidEtcdLockPropertyException("shutdown-timeout", properties.shutdownTimeout(), "is negative",
					"Use 0 to wait for nothing.");
		}
		checkNotTooLong("shutdown-timeout", properties.shutdownTimeout());
		if (properties.turnLimit() < 0) {
			throw new InvalidEtcdLockPropertyException("turn-limit", properties.turnLimit(), "is negative",
					"Use 0 to write every pass to etcd.");
		}
		if (properties.turnTime().isNegative()) {
			throw new InvalidEtcdLockPropertyException("turn-time", properties.turnTime(), "is negative",
					"Use 50ms, or turn-limit = 0 to write every pass to etcd.");
		}
		checkNotTooLong("turn-time", properties.turnTime());
		return new LockSettings(keyPrefix(properties.keyPrefix()), properties.waitTime(), ttl,
				requestTimeout(properties, ttl), properties.shutdownTimeout(), application, properties.turnLimit(),
				properties.turnTime());
	}

	static void checkWaitTime(Duration waitTime) {
		if (waitTime.isNegative()) {
			throw new InvalidEtcdLockPropertyException("wait-time", waitTime, "is negative", "Use 0 to try once.");
		}
	}

	private static Duration ttl(Duration ttl) {
		if (ttl.compareTo(MIN_TTL) < 0 || ttl.compareTo(MAX_TTL) > 0 || ttl.getNano() != 0) {
			throw new InvalidEtcdLockPropertyException("ttl", ttl, "is no TTL that etcd has",
					"Use whole seconds from 2s to " + MAX_TTL.toSeconds() + "s; 30s is a good choice.");
		}
		return ttl;
	}

	private static Duration requestTimeout(EtcdLockProperties properties, Duration ttl) {
		Duration longest = ttl.dividedBy(3);
		Duration timeout = properties.requestTimeout();
		if (timeout == null) {
			return (longest.compareTo(MAX_REQUEST_TIMEOUT) < 0) ? longest : MAX_REQUEST_TIMEOUT;
		}
		checkPositive("request-timeout", timeout);
		if (timeout.compareTo(longest) > 0) {
			throw new InvalidEtcdLockPropertyException("request-timeout", timeout,
					"is longer than a third of etcd-lock.ttl = " + ttl + ", so a lease could end while it is renewed",
					"Use at most " + longest + ", or a longer ttl.");
		}
		return timeout;
	}

	private static void checkPositive(String property, Duration value) {
		if (value.isNegative() || value.isZero()) {
			throw new InvalidEtcdLockPropertyException(property, value, "leaves no time", "Use a duration such as 3s.");
		}
	}

	private static void checkNotTooLong(String property, Duration value) {
		if (value.compareTo(MAX_TIME) > 0) {
			throw new InvalidEtcdLockPropertyException(property, value, "is too long",
					"Use at most " + MAX_TIME.toDays() + "d.");
		}
	}

	private static String keyPrefix(String prefix) {
		String normal = prefix.strip();
		while (normal.endsWith("/")) {
			normal = normal.substring(0, normal.length() - 1);
		}
		if (normal.isEmpty()) {
			throw new InvalidEtcdLockPropertyException("key-prefix", null,
					"is blank, so locks would be mixed with other keys", "Use a prefix such as /locks.");
		}
		if (normal.chars().anyMatch(Character::isISOControl)
				|| !StandardCharsets.UTF_8.newEncoder().canEncode(normal)) {
			throw new InvalidEtcdLockPropertyException("key-prefix", null,
					"has a character that is no text, such as NUL or half of a surrogate pair",
					"Use a prefix such as /locks.");
		}
		return normal;
	}

}
