package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import io.github.etcdlock.InvalidLockKeyException;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.test.EtcdExtension;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What is refused, at the call, with a message that names it. */
class BadInputTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	private final Traffic traffic = new Traffic();

	private final LeaseManager manager = this.managers.with().traffic(this.traffic).start();

	private final LockTemplate locks = this.manager.lockTemplate();

	static Stream<Arguments> keys() {
		return Stream.of(Arguments.of(null, "null"), Arguments.of("", "blank"), Arguments.of("  \t\u2003", "blank"),
				Arguments.of("\n", "\\u000a"), Arguments.of("x".repeat(513), "at most 512 bytes"),
				Arguments.of("\u00e9".repeat(257), "514"), Arguments.of("\ud83d\udd12".repeat(129), "516"),
				Arguments.of("a\ud83d", "\\ud83d"), Arguments.of("\udd12b", "surrogate"),
				Arguments.of("\udd12\ud83d", "surrogate"));
	}

	@ParameterizedTest
	@MethodSource("keys")
	void keyIsRefused(@Nullable String key, String named) {
		refuses(InvalidLockKeyException.class, named, () -> this.locks.acquire(key));
		refuses(InvalidLockKeyException.class, named, () -> this.locks.tryAcquire(key));
		refuses(InvalidLockKeyException.class, named, () -> this.locks.execute(key, LockHandle::isHeld));
		refuses(InvalidLockKeyException.class, named, () -> this.locks.executeWithoutResult(key, LockHandle::isHeld));
		refuses(InvalidLockKeyException.class, named, () -> this.locks.requireHeld(key));
		refuses(InvalidLockKeyException.class, named, () -> LockRequest.of("good", key));
		assertThat(this.traffic.requests()).isZero();
	}

	@Test
	void longestKeysAreLocks() throws Exception {
		for (String key : List.of("x".repeat(512), "\u00e9".repeat(256), "\ud83d\udd12".repeat(128))) {
			this.locks.acquire(key).close();
		}
	}

	@Test
	void messageQuotesOnlyTheBeginningOfAKey() {
		assertThatExceptionOfType(InvalidLockKeyException.class)
			.isThrownBy(() -> this.locks.acquire("secret\"".repeat(100)))
			.satisfies((ex) -> assertThat(ex.getMessage()).hasSizeLessThan(200).contains("secret\\\""));
	}

	static Stream<Duration> badTtls() {
		return Stream.of(Duration.ofSeconds(1), Duration.ZERO, Duration.ofSeconds(-5), Duration.ofMillis(1999),
				Duration.ofMillis(2500), Duration.ofSeconds(9_000_000_001L), Duration.ofSeconds(Long.MAX_VALUE));
	}

	@ParameterizedTest
	@MethodSource("badTtls")
	void ttlIsRefused(Duration ttl) {
		refuses(IllegalArgumentException.class, ttl.toString(), () -> LockRequest.of("a").withTtl(ttl));
	}

	@Test
	void shortestAndLongestTtlAreTaken() throws Exception {
		this.locks.acquire(LockRequest.of("a").withTtl(Duration.ofSeconds(2))).close();
		LockHandle lock = this.locks.acquire(LockRequest.of("a").withTtl(Duration.ofSeconds(9_000_000_000L)));
		assertThat(lock.isHeld()).isTrue();
		lock.close();
	}

	@Test
	void negativeWaitIsRefused() {
		Duration wait = Duration.ofMillis(-1);
		refuses(IllegalArgumentException.class, wait.toString(), () -> LockRequest.of("a").waitingUpTo(wait));
	}

	@Test
	void missingArgumentsAreRefusedBeforeAnythingIsLocked() {
		refuses(IllegalArgumentException.class, "request", () -> this.locks.acquire((LockRequest) null));
		refuses(IllegalArgumentException.class, "request", () -> this.locks.tryAcquire((LockRequest) null));
		refuses(IllegalArgumentException.class, "request", () -> this.locks.acquireAsync(null));
		refuses(IllegalArgumentException.class, "request",
				() -> this.locks.execute((LockRequest) null, LockHandle::isHeld));
		refuses(IllegalArgumentException.class, "action", () -> this.locks.execute("a", null));
		refuses(IllegalArgumentException.class, "action", () -> this.locks.executeWithoutResult("a", null));
		refuses(InvalidLockKeyException.class, "key", LockRequest::of);
		refuses(InvalidLockKeyException.class, "key", () -> LockRequest.of((String[]) null));
		assertThat(this.traffic.requests()).isZero();
	}

	@Test
	void missingLossActionIsRefused() throws Exception {
		LockHandle lock = this.locks.acquire("a");
		refuses(IllegalArgumentException.class, "action", () -> lock.onLost(null));
	}

	@Test
	void useAfterCloseIsRefused() {
		this.manager.close();
		LockRequest request = LockRequest.of("the-key");
		refuses(IllegalStateException.class, "the-key", () -> this.locks.acquire("the-key"));
		refuses(IllegalStateException.class, "the-key", () -> this.locks.tryAcquire("the-key"));
		refuses(IllegalStateException.class, "the-key", () -> this.locks.acquireAsync(request));
		refuses(IllegalStateException.class, "closed", () -> this.locks.execute(request, LockHandle::isHeld));
	}

	@Test
	void revocationOfWhatIsNoLockIsRefused() {
		refuses(IllegalArgumentException.class, "/locks/a", () -> this.manager.forceRelease("/locks/a", 5));
		refuses(IllegalArgumentException.class, "/locks/a", () -> this.manager.requestRevocation("/locks/a/", 5));
	}

	private interface Attempt {

		void run() throws Exception;

	}

	private static void refuses(Class<? extends Exception> type, String named, Attempt attempt) {
		assertThatExceptionOfType(type).isThrownBy(attempt::run).withMessageContaining(named);
	}

}
