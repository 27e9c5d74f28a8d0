package io.github.etcdlock.aop;

import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.time.Duration;
import java.util.Optional;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.EtcdLockException;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.OnBusy;
import io.github.etcdlock.OnLoss;
import org.junit.jupiter.api.Test;
import org.springframework.core.annotation.AliasFor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DistributedLockAspectTests {

	private static final LockNotAcquiredException BUSY = new LockNotAcquiredException("busy");

	private static final LockUnavailableException DOWN = new LockUnavailableException("down");

	private final Locking locking = new Locking();

	private final RecordingLockTemplate template = this.locking.template;

	private final Orders orders = this.locking.proxy(new Orders(this.template));

	@Test
	void methodRunsUnderItsLock() {
		assertThat(this.orders.ship(7)).isEqualTo("shipped 7 under [order:7]");
		assertThat(this.template.isIdle()).isTrue();
	}

	@Test
	void methodWithoutAnnotationIsNotLocked() {
		assertThat(this.orders.read()).isEqualTo("read");
		assertThat(this.template.requests()).isEmpty();
	}

	@Test
	void defaultsAreLeftToTheTemplate() {
		this.orders.ship(7);
		assertThat(this.template.last().waitTime()).isNull();
		assertThat(this.template.last().ttl()).isNull();
		assertThat(this.template.last().mode()).isEqualTo(LockMode.EXCLUSIVE);
	}

	@Test
	void attributesGoIntoTheRequest() {
		this.locking.environment.setProperty("wait", "2m");
		this.locking.proxy(new Orders(this.template)).tuned();
		assertThat(this.template.last().waitTime()).isEqualTo(Duration.ofMinutes(2));
		assertThat(this.template.last().ttl()).isEqualTo(Duration.ofSeconds(9));
		assertThat(this.template.last().mode()).isEqualTo(LockMode.SHARED);
	}

	@Test
	void constantRequestIsMadeOnce() {
		this.orders.report();
		this.orders.report();
		assertThat(this.template.requests().get(0)).isSameAs(this.template.requests().get(1));
	}

	@Test
	void exceptionsOfTheMethodPassUnchanged() {
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> this.orders.fail(new IOException("disk")))
			.withMessage("disk");
		assertThatExceptionOfType(StackOverflowError.class)
			.isThrownBy(() -> this.orders.fail(new StackOverflowError()));
		Throwable odd = new Throwable("odd");
		assertThatThrownBy(() -> this.orders.fail(odd)).isSameAs(odd);
		assertThat(this.template.isIdle()).isTrue();
	}

	@Test
	void busyLockThrows() {
		this.template.refuseWith(BUSY);
		assertThatThrownBy(() -> this.orders.ship(7)).isSameAs(BUSY);
	}

	@Test
	void skipReturnsNothingAtOnce() {
		this.template.refuseWith(BUSY);
		assertThat(this.orders.skip()).isNull();
		assertThat(this.template.last().waitTime()).isEqualTo(Duration.ZERO);
		assertThat(this.orders.skipOptional()).isEmpty();
		assertThat(this.template.last().waitTime()).isEqualTo(Duration.ofSeconds(3));
	}

	@Test
	void skipDoesNotHideThatEtcdIsDown() {
		this.template.refuseWith(DOWN);
		assertThatThrownBy(this.orders::skip).isSameAs(DOWN);
	}

	@Test
	void fallbackTakesTheArgumentsAndTheRefusal() {
		this.template.refuseWith(BUSY);
		assertThat(this.orders.reserve(3)).isEqualTo("later 3: busy");
		this.template.refuseWith(DOWN);
		assertThat(this.orders.reserve(3)).isEqualTo("unknown 3: down");
	}

	@Test
	void fallbackForOneRefusalLeavesTheOther() {
		this.template.refuseWith(BUSY);
		assertThat(this.orders.onlyBusy()).isEqualTo("busy");
		this.template.refuseWith(DOWN);
		assertThatThrownBy(this.orders::onlyBusy).isSameAs(DOWN);
	}

	@Test
	void fallbacksExceptionPassesUnchanged() {
		this.template.refuseWith(BUSY);
		assertThatExceptionOfType(IOException.class).isThrownBy(this.orders::failing).withMessage("no");
	}

	@Test
	void fallbackIsNeverCalledOnceTheMethodHasBegun() {
		assertThatThrownBy(() -> this.orders.nested(BUSY)).isSameAs(BUSY);
		assertThatThrownBy(() -> this.orders.nested(DOWN)).isSameAs(DOWN);
		assertThatThrownBy(() -> this.orders.nestedSkip(BUSY)).isSameAs(BUSY);
	}

	@Test
	void lossIsThrownAfterTheMethod() {
		assertThatExceptionOfType(LockLostException.class).isThrownBy(this.orders::loses);
	}

	@Test
	void lossInterruptsTheMethodAndNothingElse() {
		assertThatExceptionOfType(LockLostException.class).isThrownBy(this.orders::losesAndSleeps)
			.withMessageContaining("The lock on \"k\" was lost after PT1S")
			.withMessageContaining("Orders.losesAndSleeps() ran, so the method was interrupted")
			.withCauseInstanceOf(InterruptedException.class);
		assertThat(Thread.currentThread().isInterrupted()).isFalse();
	}

	@Test
	void interruptThatTheMethodDidNotNoticeEndsWithIt() {
		assertThatExceptionOfType(LockLostException.class).isThrownBy(this.orders::losesAndIgnores);
		assertThat(Thread.currentThread().isInterrupted()).isFalse();
	}

	@Test
	void lossAfterTheMethodInterruptsNobody() {
		this.orders.keepsHandle();
		this.template.lastHandle().lose();
		assertThat(Thread.currentThread().isInterrupted()).isFalse();
	}

	@Test
	void interruptOfTheCallersOwnIsLeftAlone() {
		Thread.currentThread().interrupt();
		this.orders.keepsHandle();
		assertThat(Thread.interrupted()).isTrue();
	}

	@Test
	void annotationIsFoundOnInterfacesClassesAndCompositions() {
		Stock stock = this.locking.proxy(new Stock());
		stock.onInterface("a");
		stock.generic("b");
		((Generic<String>) stock).generic("c");
		stock.byDefault("d");
		stock.composed("e");
		stock.inherited("f");
		assertThat(this.template.keys()).containsExactly("interface:a", "generic:b", "generic:c", "default:d",
				"tenant/e", "base:f");
		assertThat(this.template.requests().get(4).waitTime()).isEqualTo(Duration.ofSeconds(7));
	}

	@Test
	void interfaceOfASuperclassMethodCounts() {
		Mover mover = this.locking.proxy(new MoverOfBase());
		mover.move("x");
		assertThat(this.template.keys()).containsExactly("move:x");
	}

	@Test
	void annotatedClassLocksItsPublicMethods() {
		Everything everything = this.locking.proxy(new Everything());
		everything.first();
		everything.own();
		everything.hidden();
		everything.fromBase("x");
		assertThat(everything.toString()).isEqualTo("everything");
		assertThat(this.template.keys()).containsExactly("class", "own", "class");
	}

	@Test
	void annotatedInterfaceLocksWhatItDeclares() {
		Declares bean = this.locking.proxy(new Declared());
		bean.declared();
		((Declared) bean).more();
		assertThat(this.template.keys()).containsExactly("declares");
	}

	@Test
	void interfaceProxiesAreLocked() {
		Locking interfaces = new Locking().withInterfaceProxies();
		Mover mover = interfaces.proxy((Mover) new FinalMover());
		mover.move("x");
		assertThat(interfaces.template.keys()).containsExactly("move:x");
	}

	@Test
	void lambdasAndProxiesOfOthersAreLocked() {
		Locking interfaces = new Locking().withInterfaceProxies();
		Mover lambda = (to) -> {
		};
		interfaces.proxy(lambda).move("x");
		Mover proxy = (Mover) java.lang.reflect.Proxy.newProxyInstance(Mover.class.getClassLoader(),
				new Class<?>[] { Mover.class }, (self, method, arguments) -> null);
		interfaces.proxy(proxy).move("y");
		assertThat(interfaces.template.keys()).containsExactly("move:x", "move:y");
	}

	static class Orders {

		private final RecordingLockTemplate template;

		Orders(RecordingLockTemplate template) {
			this.template = template;
		}

		Orders() {
			this(new RecordingLockTemplate());
		}

		@DistributedLock("order:#{#id}")
		public String ship(long id) {
			return "shipped " + id + " under " + this.template.current().orElseThrow().keys();
		}

		public String read() {
			return "read";
		}

		@DistributedLock("report")
		public void report() {
		}

		@DistributedLock(key = "k", waitTime = "${wait:1s}", ttl = "9s", mode = LockMode.SHARED)
		public void tuned() {
		}

		@DistributedLock("k")
		public void fail(Throwable ex) throws Throwable {
			throw ex;
		}

		@DistributedLock(key = "k", onBusy = OnBusy.SKIP)
		public String skip() {
			return "ran";
		}

		@DistributedLock(key = "k", onBusy = OnBusy.SKIP, waitTime = "3s")
		public Optional<String> skipOptional() {
			return Optional.of("ran");
		}

		@DistributedLock(key = "k", fallback = "later")
		public String reserve(int id) {
			return "ran";
		}

		private String later(int id, EtcdLockException ex) {
			return "unknown " + id + ": " + ex.getMessage();
		}

		private String later(int id, LockNotAcquiredException ex) {
			return "later " + id + ": " + ex.getMessage();
		}

		@DistributedLock(key = "k", fallback = "busy")
		public String onlyBusy() {
			return "ran";
		}

		String busy(LockNotAcquiredException ex) {
			return "busy";
		}

		@DistributedLock(key = "k", fallback = "failed")
		public void failing() throws IOException {
		}

		void failed() throws IOException {
			throw new IOException("no");
		}

		@DistributedLock(key = "k", fallback = "never")
		public String nested(EtcdLockException ex) {
			throw ex;
		}

		String never(EtcdLockException ex) {
			return "called";
		}

		@DistributedLock(key = "k", onBusy = OnBusy.SKIP)
		public String nestedSkip(EtcdLockException ex) {
			throw ex;
		}

		@DistributedLock("k")
		public void loses() {
			this.template.lastHandle().lose();
		}

		@DistributedLock(key = "k", onLoss = OnLoss.INTERRUPT)
		public void losesAndSleeps() throws InterruptedException {
			this.template.lastHandle().lose();
			Thread.sleep(10_000);
		}

		@DistributedLock(key = "k", onLoss = OnLoss.INTERRUPT)
		public void losesAndIgnores() {
			this.template.lastHandle().lose();
		}

		@DistributedLock(key = "k", onLoss = OnLoss.INTERRUPT)
		public void keepsHandle() {
		}

	}

	@Target(ElementType.METHOD)
	@Retention(RetentionPolicy.RUNTIME)
	@DistributedLock
	@interface TenantLock {

		@AliasFor(annotation = DistributedLock.class, attribute = "key")
		String value();

		@AliasFor(annotation = DistributedLock.class)
		String waitTime() default "7s";

	}

	interface Generic<T> {

		@DistributedLock("generic:#{#thing}")
		void generic(T thing);

	}

	interface Stocked {

		@DistributedLock("interface:#{#name}")
		void onInterface(String name);

		@DistributedLock("default:#{#text}")
		default void byDefault(String text) {
		}

	}

	static class BaseStock {

		@DistributedLock("base:#{#text}")
		public void inherited(String text) {
		}

	}

	static class Stock extends BaseStock implements Stocked, Generic<String> {

		@Override
		public void onInterface(String otherName) {
		}

		@Override
		public void generic(String thing) {
		}

		@TenantLock("tenant/#{#id}")
		public void composed(String id) {
		}

		@Override
		public void inherited(String text) {
		}

	}

	interface Mover {

		@DistributedLock("move:#{#to}")
		void move(String to);

	}

	static class MovesAnyway {

		public void move(String where) {
		}

	}

	static class MoverOfBase extends MovesAnyway implements Mover {

	}

	static final class FinalMover implements Mover {

		@Override
		public void move(String to) {
		}

	}

	static class BaseOfEverything {

		public void fromBase(String text) {
		}

	}

	@DistributedLock("class")
	static class Everything extends BaseOfEverything {

		public void first() {
		}

		@DistributedLock("own")
		public void own() {
		}

		void hidden() {
		}

		@Override
		public String toString() {
			return "everything";
		}

	}

	@DistributedLock("declares")
	interface Declares {

		void declared();

	}

	static class Declared implements Declares {

		@Override
		public void declared() {
		}

		public void more() {
		}

	}

}
