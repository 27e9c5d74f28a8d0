package io.github.etcdlock.aop;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.FencingToken;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockNotAcquiredException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Parameters that are filled from the lock, whatever the caller passes. */
class HandedInTests {

	private final Locking locking = new Locking();

	private final RecordingLockTemplate template = this.locking.template;

	private final Ledger ledger = this.locking.proxy(new Ledger());

	@Test
	void handleIsTheLockThatWasTaken() {
		LockHandle lock = this.ledger.book("a", null);
		assertThat(lock).isSameAs(this.template.lastHandle());
		assertThat(lock.keys()).containsExactly("a");
	}

	@Test
	void handleOfTheCallerIsReplaced() {
		LockHandle other = this.ledger.book("a", null);
		assertThat(this.ledger.book("b", other)).isSameAs(this.template.lastHandle()).isNotSameAs(other);
	}

	@Test
	void tokenIsFilledAsPrimitiveAndAsObject() {
		assertThat(this.ledger.tokens("a", -5, null)).isEqualTo("a 1 1");
	}

	@Test
	void unmarkedNumbersAreLeftAlone() {
		assertThat(this.ledger.sum(40, 2L, 0)).isEqualTo(43);
	}

	@Test
	void markOnTheParameterOfAnInterfaceCounts() {
		Counter counter = new Locking().withInterfaceProxies().<Counter>proxy(new LockedCounter());
		assertThat(counter.count(-1)).isEqualTo(1);
	}

	@Test
	void methodWithAStageIsFilledToo() {
		assertThat(this.ledger.later("a", 0)).succeedsWithin(Duration.ofSeconds(5)).isEqualTo(1L);
	}

	@Test
	void argumentsOfTheCallerStayWhereTheConditionIsFalse() {
		assertThat(this.ledger.large(5, -7)).isEqualTo(-7);
		assertThat(this.ledger.large(500, -7)).isEqualTo(1);
	}

	@Test
	void fallbackGetsTheArgumentsOfTheCaller() {
		this.template.refuseWith(new LockNotAcquiredException("busy"));
		assertThat(this.ledger.reserve("a", -7)).isEqualTo("a -7");
	}

	@Test
	void tokenOfAnotherTypeIsRefused() {
		assertMistake(TokenInAnInt.class,
				"its parameter 1 is marked @FencingToken, but is of type int. " + "Make it a long or a Long.");
	}

	@Test
	void markOnAHandleIsRefused() {
		assertMistake(MarkedHandle.class, "its parameter 0 is marked @FencingToken, but is of type LockHandle. "
				+ "Leave out the mark: a LockHandle is filled without it.");
	}

	@Test
	void tokenOfAMethodThatIsNotLockedIsRefused() {
		assertMistake(OneOfTwoLocked.class,
				"OneOfTwoLocked.forgotten(long): a parameter is marked @FencingToken, "
						+ "but the method is not locked, so nothing would fill it. "
						+ "Mark the method too, or pass the token on without the mark.");
		assertMistake(NothingLocked.class, "NothingLocked.run(long): a parameter is marked @FencingToken");
	}

	@Test
	void keyMadeOfWhatTheLockGivesIsRefused() {
		assertMistake(KeyOfToken.class,
				"#token comes from the lock, and is not known before it is taken. Use another parameter.");
		assertMistake(ConditionOnHandle.class, "#lock comes from the lock, and is not known before it is taken");
	}

	private void assertMistake(Class<?> type, String message) {
		assertThatExceptionOfType(LockDefinitionException.class).isThrownBy(() -> this.locking.advisor().locks(type))
			.withMessageContaining(message);
	}

	interface Counter {

		@DistributedLock("counter")
		long count(@FencingToken long token);

	}

	static class LockedCounter implements Counter {

		@Override
		public long count(long token) {
			return token;
		}

	}

	static class Ledger {

		@DistributedLock("#{#account}")
		public LockHandle book(String account, LockHandle lock) {
			assertThat(lock.isHeld()).isTrue();
			return lock;
		}

		@DistributedLock("#{#account}")
		public String tokens(String account, @FencingToken long primitive, @FencingToken Long object) {
			return account + " " + primitive + " " + object;
		}

		@DistributedLock("sum")
		public long sum(long one, Long other, @FencingToken long token) {
			return one + other + token;
		}

		@DistributedLock("#{#account}")
		public CompletableFuture<Long> later(String account, @FencingToken long token) {
			return CompletableFuture.completedFuture(token);
		}

		@DistributedLock(key = "large", condition = "#{#amount > 100}")
		public long large(int amount, @FencingToken long token) {
			return token;
		}

		@DistributedLock(key = "#{#account}", fallback = "later")
		public String reserve(String account, @FencingToken long token) {
			return "reserved";
		}

		String later(String account, long token, LockNotAcquiredException refusal) {
			return account + " " + token;
		}

	}

	static class TokenInAnInt {

		@DistributedLock("k")
		public void run(String name, @FencingToken int token) {
		}

	}

	static class MarkedHandle {

		@DistributedLock("k")
		public void run(@FencingToken LockHandle lock) {
		}

	}

	static class OneOfTwoLocked {

		@DistributedLock("k")
		public void run(@FencingToken long token) {
		}

		public void forgotten(@FencingToken long token) {
		}

	}

	static class NothingLocked {

		public void run(@FencingToken long token) {
		}

	}

	static class KeyOfToken {

		@DistributedLock("k:#{#token}")
		public void run(@FencingToken long token) {
		}

	}

	static class ConditionOnHandle {

		@DistributedLock(key = "k", condition = "#{#lock == null}")
		public void run(LockHandle lock) {
		}

	}

}
