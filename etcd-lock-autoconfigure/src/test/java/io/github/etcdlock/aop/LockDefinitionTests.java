package io.github.etcdlock.aop;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.OnBusy;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Each mistake stops the start-up with a message that says what is wrong, where, and what
 * to do. Most of them are rows of docs/errors.md.
 */
class LockDefinitionTests {

	private static final String LONG = "0123456789012345678901234567890123456789"
			+ "01234567890123456789012345678901234567890123456789";

	private final Locking locking = new Locking();

	@Test
	void messageNamesProblemPlaceAndCure() {
		assertThatExceptionOfType(LockDefinitionException.class).isThrownBy(() -> read(BareVariable.class))
			.withMessage("@DistributedLock on io.github.etcdlock.aop.LockDefinitionTests$BareVariable.run(String): "
					+ "#id stands outside of braces, so it is plain text: one lock for every call. "
					+ "Write #{#id}, or #{'#id'} if the text is meant.")
			.satisfies((ex) -> assertThat(ex.problem()).endsWith("one lock for every call."))
			.satisfies((ex) -> assertThat(ex.cure()).startsWith("Write #{#id}"));
	}

	@Test
	void keyThatNoLockCanHaveIsRefused() {
		this.locking.environment.setProperty("blank", " ");
		assertMistake(BlankProperty.class, "its key is not valid: A lock key must not be blank");
		assertMistake(OverlongKey.class, "its key is not valid: A lock key may have at most 512 bytes");
	}

	@Test
	void badTtlIsRefused() {
		assertMistake(FractionalTtl.class, "The TTL must be whole seconds from 2 to");
		assertMistake(ZeroTtl.class, "The TTL must be whole seconds from 2 to");
	}

	@Test
	void inheritedMethodThatNoProxyReachesIsRefused() {
		assertMistake(InheritsPrivateMethod.class, "the method is private, so no proxy can lock it");
	}

	@Test
	void finalClassBehindAnInterfaceIsFineWithInterfaceProxies() {
		assertThat(new Locking().withInterfaceProxies().advisor().locks(FinalRunner.class)).isTrue();
		assertMistake(FinalRunner.class, "the class is final");
	}

	@Test
	void methodWithoutResultCanBeSkipped() {
		assertThat(this.locking.advisor().locks(SkipVoid.class)).isTrue();
	}

	@Test
	void mistakeInALaterMethodOfAClassIsFoundAtOnce() {
		assertMistake(SecondMethodWrong.class, "SecondMethodWrong.second()");
	}

	private void read(Class<?> type) {
		this.locking.advisor().locks(type);
	}

	private void assertMistake(Class<?> type, String message) {
		assertThatExceptionOfType(LockDefinitionException.class).isThrownBy(() -> read(type))
			.withMessageStartingWith("@DistributedLock on ")
			.withMessageContaining(message);
	}

	static class BareVariable {

		@DistributedLock("#id")
		public void run(String id) {
		}

	}

	static class BlankProperty {

		@DistributedLock("${blank}")
		public void run() {
		}

	}

	static class OverlongKey {

		@DistributedLock(LONG + LONG + LONG + LONG + LONG + LONG)
		public void run() {
		}

	}

	static class FractionalTtl {

		@DistributedLock(key = "#{#id}", ttl = "2500ms")
		public void run(int id) {
		}

	}

	static class ZeroTtl {

		@DistributedLock(key = "k", ttl = "0")
		public void run() {
		}

	}

	static class PrivateMethod {

		@DistributedLock("k")
		private void run() {
		}

		void callRun() {
			run();
		}

	}

	static class InheritsPrivateMethod extends PrivateMethod {

	}

	static final class FinalRunner implements Runnable {

		@Override
		@DistributedLock("k")
		public void run() {
		}

	}

	static class SkipVoid {

		@DistributedLock(key = "k", onBusy = OnBusy.SKIP)
		public void run() {
		}

	}

	static class SecondMethodWrong {

		@DistributedLock("k")
		public void first() {
		}

		@DistributedLock
		public void second() {
		}

	}

}
