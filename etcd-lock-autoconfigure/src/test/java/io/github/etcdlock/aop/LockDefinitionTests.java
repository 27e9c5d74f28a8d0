package io.github.etcdlock.aop;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.OnBusy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Each mistake stops the start-up with a message that says what is wrong, where, and what
 * to do.
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
	void bareVariableInsideTextIsRefused() {
		assertMistake(BareVariableInText.class, "#id stands outside of braces");
	}

	@Test
	void unparsableExpressionIsShownWithItsPosition() {
		assertMistake(Unparsable.class, "the expression #{#id +} cannot be read at position 4");
	}

	@Test
	void unclosedExpressionIsShownWithItsPosition() {
		assertMistake(Unclosed.class, "starts with #{ at position 6 of \"order:#{#id\" is never closed");
	}

	@Test
	void emptyExpressionIsRefused() {
		assertMistake(EmptyExpression.class, "the expression #{} at position 6 is empty");
	}

	@Test
	void unknownParameterListsTheKnownOnes() {
		assertMistake(UnknownParameter.class,
				"#order is not known, the parameters are [id, name]. " + "Use one of these names, or #p0 to #p1.");
	}

	@Test
	void indexBeyondTheParametersIsRefused() {
		assertMistake(IndexTooLarge.class, "#p1 is not known, the parameters are [id]");
	}

	@Test
	void variableOfAMethodWithoutParametersIsRefused() {
		assertMistake(NoParameters.class, "#id is not known, the method has no parameters");
	}

	@Test
	void missingParameterNamesAreExplained(@TempDir Path folder) throws Exception {
		Class<?> type = CompiledWithoutNames.load(folder);
		assertThatExceptionOfType(LockDefinitionException.class).isThrownBy(() -> read(type))
			.withMessageContaining(
					"was compiled without parameter names. Compile it with -parameters, or use #p0 to #p0.");
	}

	@Test
	void bareNameInExpressionIsRefused() {
		assertMistake(BareName.class, "its expression names id, which is neither target nor method. "
				+ "For the parameter write #id, for text 'id'.");
		assertMistake(BareCall.class, "its expression calls compute(#id) on nothing. "
				+ "For a method of the bean itself write #root.target.compute(#id).");
	}

	@Test
	void expressionsThatDoMoreThanReadAreRefused() {
		assertMistake(TypeInExpression.class,
				"its expression uses T(java.lang.System), which is not allowed. " + "Expressions of locks only read");
		assertMistake(ConstructorInExpression.class, "its expression uses new String('a'), which is not allowed");
		assertMistake(AssignmentInExpression.class, "its expression uses #id=5, which is not allowed");
		assertMistake(IncrementInExpression.class, "which is not allowed");
		assertMistake(FunctionInExpression.class, "its expression uses #hash(#id), which is not allowed");
	}

	@Test
	void beanIsRefusedUnlessSwitchedOn() {
		assertMistake(BeanInExpression.class, "its expression uses the bean @tenants, which is switched off. "
				+ "Set etcd-lock.aop.bean-references=true to allow it.");
	}

	@Test
	void missingPropertyIsNamed() {
		assertMistake(MissingProperty.class, "Could not resolve placeholder 'shop.name'");
	}

	@Test
	void missingAndBlankKeysAreRefused() {
		assertMistake(NoKey.class, "it has no key. Name what to lock");
		assertMistake(BlankKey.class, "its key is blank");
		this.locking.environment.setProperty("blank", " ");
		assertMistake(BlankProperty.class, "its key is not valid: A lock key must not be blank");
		assertMistake(OverlongKey.class, "its key is not valid: A lock key may have at most 512 bytes");
	}

	@Test
	void contradictingKeysAreRefused() {
		assertMistake(KeyAndValue.class, "its attributes contradict each other");
	}

	@Test
	void badDurationsAreRefused() {
		assertMistake(NoUnit.class, "waitTime = \"5\" has no unit. Write it with its unit, such as 500ms, 5s or 2m.");
		assertMistake(NoDuration.class, "waitTime = \"soon\" is not a duration");
		assertMistake(NegativeWait.class, "The wait time must not be negative, but was PT-5S");
		assertMistake(ShortTtl.class, "The TTL must be whole seconds from 2 to");
		assertMistake(FractionalTtl.class, "The TTL must be whole seconds from 2 to");
		assertMistake(ZeroTtl.class, "The TTL must be whole seconds from 2 to");
	}

	@Test
	void conditionMustBeAnExpression() {
		assertMistake(ConditionWithoutBraces.class,
				"the condition \"#total > 100\" is neither one expression nor true or "
						+ "false. Write it whole between #{ and }, such as #{#order.total > 100}.");
	}

	@Test
	void missingFallbackIsShownAsItShouldBe() {
		assertMistake(MissingFallback.class, "its fallback \"busy\" is no method of");
		assertMistake(MissingFallback.class, "Write the method String busy(long, LockNotAcquiredException).");
	}

	@Test
	void mismatchedFallbackIsShown() {
		assertMistake(FallbackWithOtherParameters.class, "its fallback \"busy\" does not fit: found");
		assertMistake(FallbackWithOtherResult.class, "its fallback \"busy\" does not fit: found");
		assertMistake(FallbackWithOtherException.class, "its fallback \"busy\" does not fit: found");
		assertMistake(StaticFallback.class, "its fallback \"busy\" does not fit: found");
		assertMistake(FallbackToItself.class, "its fallback \"run\" does not fit: found");
	}

	@Test
	void methodsThatNoProxyReachesAreRefused() {
		assertMistake(PrivateMethod.class, "the method is private, so no proxy can lock it");
		assertMistake(StaticMethod.class, "the method is static, so no proxy can lock it");
		assertMistake(FinalMethod.class,
				"the method is final, so no proxy can lock it. Make the method not final, or call "
						+ "it through an interface and set spring.aop.proxy-target-class=false.");
		assertMistake(FinalClass.class, "the class is final, so no proxy can lock its methods");
		assertMistake(LockedClassWithFinalMethod.class, "the method is final, so no proxy can lock it");
		assertMistake(InheritsPrivateMethod.class, "the method is private, so no proxy can lock it");
	}

	@Test
	void finalClassBehindAnInterfaceIsFineWithInterfaceProxies() {
		assertThat(new Locking().withInterfaceProxies().advisor().locks(FinalRunner.class)).isTrue();
		assertMistake(FinalRunner.class, "the class is final");
	}

	@Test
	void skipNeedsAResultThatCanBeEmpty() {
		assertMistake(SkipPrimitive.class, "onBusy = SKIP needs a result that can be empty, but it returns int. "
				+ "Return the wrapper type or an Optional, or use onBusy = THROW.");
		assertThat(this.locking.advisor().locks(SkipVoid.class)).isTrue();
	}

	@Test
	void skipAndFallbackExcludeEachOther() {
		assertMistake(SkipWithFallback.class, "onBusy = SKIP and a fallback exclude each other");
	}

	@Test
	void publishersAreRefused() {
		assertMistake(ReturnsMono.class, "it returns a Mono, whose work begins after the method has returned");
		assertMistake(ReturnsFlux.class, "it returns a Flux");
		assertMistake(ReturnsFlowPublisher.class, "it returns a Publisher");
		assertMistake(ReturnsReactiveStreams.class, "it returns a Publisher");
	}

	@Test
	void futureThatCannotBeAwaitedIsRefused() {
		assertMistake(ReturnsFuture.class, "it returns a Future, whose end cannot be awaited without blocking. "
				+ "Return CompletableFuture or CompletionStage");
	}

	@Test
	void holdAtLeastIsRefusedForNow() {
		assertMistake(HoldsAtLeast.class, "holdAtLeast is not supported yet");
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

	static class BareVariableInText {

		@DistributedLock("order:#id")
		public void run(String id) {
		}

	}

	static class Unparsable {

		@DistributedLock("order:#{#id +}")
		public void run(String id) {
		}

	}

	static class Unclosed {

		@DistributedLock("order:#{#id")
		public void run(String id) {
		}

	}

	static class EmptyExpression {

		@DistributedLock("order:#{ }")
		public void run(String id) {
		}

	}

	static class UnknownParameter {

		@DistributedLock("#{#order.id}")
		public void run(String id, String name) {
		}

	}

	static class IndexTooLarge {

		@DistributedLock("#{#p1}")
		public void run(String id) {
		}

	}

	static class NoParameters {

		@DistributedLock("#{#id}")
		public void run() {
		}

	}

	static class BareName {

		@DistributedLock("#{id}")
		public void run(String id) {
		}

	}

	static class BareCall {

		@DistributedLock("#{compute(#id)}")
		public void run(String id) {
		}

	}

	static class TypeInExpression {

		@DistributedLock("#{T(java.lang.System).nanoTime()}")
		public void run() {
		}

	}

	static class ConstructorInExpression {

		@DistributedLock("#{new String('a')}")
		public void run() {
		}

	}

	static class AssignmentInExpression {

		@DistributedLock("#{#id = 5}")
		public void run(int id) {
		}

	}

	static class IncrementInExpression {

		@DistributedLock("#{#id++}")
		public void run(int id) {
		}

	}

	static class FunctionInExpression {

		@DistributedLock("#{#hash(#id)}")
		public void run(int id) {
		}

	}

	static class BeanInExpression {

		@DistributedLock("#{@tenants.current}")
		public void run() {
		}

	}

	static class MissingProperty {

		@DistributedLock("${shop.name}")
		public void run() {
		}

	}

	static class NoKey {

		@DistributedLock
		public void run() {
		}

	}

	static class BlankKey {

		@DistributedLock({ "a", " " })
		public void run() {
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

	static class KeyAndValue {

		@DistributedLock(value = "a", key = "b")
		public void run() {
		}

	}

	static class NoUnit {

		@DistributedLock(key = "k", waitTime = "5")
		public void run() {
		}

	}

	static class NoDuration {

		@DistributedLock(key = "k", waitTime = "soon")
		public void run() {
		}

	}

	static class NegativeWait {

		@DistributedLock(key = "k", waitTime = "-5s")
		public void run() {
		}

	}

	static class ShortTtl {

		@DistributedLock(key = "k", ttl = "1s")
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

	static class ConditionWithoutBraces {

		@DistributedLock(key = "k", condition = "#total > 100")
		public void run(int total) {
		}

	}

	static class MissingFallback {

		@DistributedLock(key = "k", fallback = "busy")
		public String run(long id) {
			return "";
		}

	}

	static class FallbackWithOtherParameters {

		@DistributedLock(key = "k", fallback = "busy")
		public String run(long id) {
			return "";
		}

		String busy(int id) {
			return "";
		}

	}

	static class FallbackWithOtherResult {

		@DistributedLock(key = "k", fallback = "busy")
		public String run() {
			return "";
		}

		Object busy() {
			return "";
		}

	}

	static class FallbackWithOtherException {

		@DistributedLock(key = "k", fallback = "busy")
		public String run() {
			return "";
		}

		String busy(IllegalStateException ex) {
			return "";
		}

	}

	static class StaticFallback {

		@DistributedLock(key = "k", fallback = "busy")
		public String run() {
			return "";
		}

		static String busy(LockNotAcquiredException ex) {
			return "";
		}

	}

	static class FallbackToItself {

		@DistributedLock(key = "k", fallback = "run")
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

	static class StaticMethod {

		@DistributedLock("k")
		public static void run() {
		}

	}

	static class FinalMethod {

		@DistributedLock("k")
		public final void run() {
		}

	}

	static final class FinalClass {

		@DistributedLock("k")
		public void run() {
		}

	}

	static final class FinalRunner implements Runnable {

		@Override
		@DistributedLock("k")
		public void run() {
		}

	}

	@DistributedLock("k")
	static class LockedClassWithFinalMethod {

		public final void run() {
		}

	}

	static class SkipPrimitive {

		@DistributedLock(key = "k", onBusy = OnBusy.SKIP)
		public int run() {
			return 1;
		}

	}

	static class SkipVoid {

		@DistributedLock(key = "k", onBusy = OnBusy.SKIP)
		public void run() {
		}

	}

	static class SkipWithFallback {

		@DistributedLock(key = "k", onBusy = OnBusy.SKIP, fallback = "busy")
		public Optional<String> run() {
			return Optional.empty();
		}

		Optional<String> busy() {
			return Optional.empty();
		}

	}

	static class ReturnsMono {

		@DistributedLock("k")
		public Mono<String> run() {
			return Mono.empty();
		}

	}

	static class ReturnsFlux {

		@DistributedLock("k")
		public Flux<String> run() {
			return Flux.empty();
		}

	}

	static class ReturnsFlowPublisher {

		@DistributedLock("k")
		public Flow.Publisher<String> run() {
			return null;
		}

	}

	static class ReturnsReactiveStreams {

		@DistributedLock("k")
		public org.reactivestreams.Publisher<String> run() {
			return null;
		}

	}

	static class ReturnsFuture {

		@DistributedLock("k")
		public Future<String> run() {
			return null;
		}

	}

	static class HoldsAtLeast {

		@DistributedLock(key = "k", holdAtLeast = "5s")
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
