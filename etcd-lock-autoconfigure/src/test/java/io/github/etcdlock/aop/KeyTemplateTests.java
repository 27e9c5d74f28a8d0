package io.github.etcdlock.aop;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.EtcdLockException;
import io.github.etcdlock.InvalidLockKeyException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class KeyTemplateTests {

	private final Locking locking = new Locking();

	private Keys keys;

	@BeforeEach
	void makeBean() {
		this.locking.environment.withProperty("region", "eu")
			.withProperty("braces", "#{#id}")
			.withProperty("limit", "100");
		this.keys = this.locking.proxy(new Keys());
	}

	@Test
	void textStandsForItself() {
		this.keys.text();
		assertThat(this.locking.template.keys()).containsExactly("nightly report {7} #1");
	}

	@Test
	void argumentsAreKnownByNameAndByIndex() {
		this.keys.named("a", 7);
		assertThat(this.locking.template.keys()).containsExactly("a:7:a:7");
	}

	@Test
	void propertiesAndMethodsOfArgumentsCanBeRead() {
		this.keys.order(new Order(5, Optional.of("x")));
		assertThat(this.locking.template.keys()).containsExactly("order:5/x/7");
	}

	@Test
	void placeholdersAreResolvedInTextAndInExpressions() {
		this.keys.region(3);
		assertThat(this.locking.template.keys()).containsExactly("eu:none:103");
	}

	@Test
	void aPropertysValueNeverBecomesAnExpression() {
		this.keys.braces(3);
		assertThat(this.locking.template.keys()).containsExactly("#{#id}");
	}

	@Test
	void bracesAndQuotesInsideExpressionsDoNotEndThem() {
		this.keys.nested(List.of(1, 2, 3));
		assertThat(this.locking.template.keys()).containsExactly("}2'{");
	}

	@Test
	void rootIsTheBeanItselfAndItsMethod() {
		this.keys.root();
		assertThat(this.locking.template.keys()).containsExactly("keys-bean.root");
	}

	@Test
	void severalKeysBecomeOneRequest() {
		this.keys.transfer("b", "a");
		assertThat(this.locking.template.requests()).hasSize(1);
		assertThat(this.locking.template.last().keys()).containsExactly("account:b", "account:a");
	}

	@Test
	void valuesWithATextOfTheirOwnAreKeys() {
		UUID id = UUID.randomUUID();
		this.keys.value(id);
		this.keys.value(OptionalLong.of(4));
		this.keys.value(Thread.State.NEW);
		this.keys.value(new Order(1, Optional.empty()));
		assertThat(this.locking.template.keys()).containsExactly(id.toString(), "4", "NEW",
				"Order[id=1, name=Optional.empty]");
	}

	@Test
	void valuesThatCannotNameALockAreRefused() {
		assertRefused(null, "is null");
		assertRefused("", "is blank");
		assertRefused(" \t", "is blank");
		assertRefused(Optional.empty(), "is an empty Optional");
		assertRefused(OptionalLong.empty(), "is an empty Optional");
		assertRefused(Optional.of(""), "is blank");
		assertRefused(new Object(), "has no toString of its own");
		assertRefused(new Anonymous(), "has no toString of its own");
		assertRefused((Runnable) () -> {
		}, "has no toString of its own");
		assertRefused(new int[] { 1 }, "is a int[]");
		assertRefused(List.of("a", "b"), "depends on its order");
		assertRefused(Map.of("a", "b"), "depends on its order");
		assertThat(this.locking.template.requests()).isEmpty();
	}

	@Test
	void wholeRootIsNoKey() {
		assertThatExceptionOfType(InvalidLockKeyException.class).isThrownBy(this.keys::wholeRoot)
			.withMessageContaining("has no toString of its own");
	}

	@Test
	void refusalNamesTheMethodAndTheExpression() {
		assertThatExceptionOfType(InvalidLockKeyException.class).isThrownBy(() -> this.keys.value(null))
			.withMessage("The key of io.github.etcdlock.aop.KeyTemplateTests$Keys.value(Object) cannot name a lock: "
					+ "#{#value} is null; such calls would all share one lock: refuse them before, or give the key a "
					+ "value of its own");
	}

	@Test
	void expressionThatFailsSaysWhereAndWhy() {
		assertThatExceptionOfType(InvalidLockKeyException.class).isThrownBy(() -> this.keys.order(null))
			.withMessageContaining("#{#order.id}")
			.withMessageContaining("Keys.order(Order)")
			.withMessageContaining("check the arguments for null");
	}

	@Test
	void classesMethodsAndStaticsStayOutOfReach() {
		assertThatThrownBy(() -> this.keys.invoke()).isInstanceOf(InvalidLockKeyException.class);
		assertThatThrownBy(() -> this.keys.className("x")).isInstanceOf(InvalidLockKeyException.class);
		assertThatThrownBy(() -> this.keys.declaringClass()).isInstanceOf(InvalidLockKeyException.class);
		assertThatThrownBy(() -> this.keys.change(new StringBuilder("x"))).isInstanceOf(InvalidLockKeyException.class);
		assertThat(this.locking.template.requests()).isEmpty();
	}

	@Test
	void conditionDecidesWhetherToLock() {
		assertThat(this.keys.conditional(101)).isEqualTo("ran");
		assertThat(this.locking.template.requests()).hasSize(1);
		assertThat(this.keys.conditional(100)).isEqualTo("ran");
		assertThat(this.locking.template.requests()).hasSize(1);
	}

	@Test
	void constantConditionsAreTaken() {
		this.keys.never();
		assertThat(this.locking.template.requests()).isEmpty();
		this.keys.always();
		assertThat(this.locking.template.requests()).hasSize(1);
	}

	@Test
	void conditionWithoutAnAnswerIsRefused() {
		assertThatExceptionOfType(EtcdLockException.class).isThrownBy(() -> this.keys.unclear("yes"))
			.withMessageContaining("must be true or false, but was a java.lang.String");
		assertThatExceptionOfType(EtcdLockException.class).isThrownBy(() -> this.keys.unclear(null))
			.withMessageContaining("must be true or false, but was null");
	}

	private void assertRefused(Object value, String why) {
		assertThatExceptionOfType(InvalidLockKeyException.class).isThrownBy(() -> this.keys.value(value))
			.withMessageContaining(why);
	}

	record Order(long id, Optional<String> name) {

		public long plus(int more) {
			return this.id + more;
		}

	}

	static class Anonymous {

	}

	static class Keys {

		@Override
		public String toString() {
			return "keys-bean";
		}

		@DistributedLock("nightly report {7} #1")
		public void text() {
		}

		@DistributedLock("#{#name}:#{#number}:#{#p0}:#{#a1}")
		public void named(String name, int number) {
		}

		@DistributedLock("order:#{#order.id}/#{#order.name}/#{#order.plus(2)}")
		public void order(Order order) {
		}

		@DistributedLock("${region}:${missing:none}:#{#id + ${limit}}")
		public void region(int id) {
		}

		@DistributedLock("${braces}")
		public void braces(int id) {
		}

		@DistributedLock("#{'}' + {1, 2, 3}.?[#this == 2][0] + \"'{\"}")
		public void nested(List<Integer> ids) {
		}

		@DistributedLock("#{#root.target}.#{#root.method.name}")
		public void root() {
		}

		@DistributedLock("#{#root}")
		public void wholeRoot() {
		}

		@DistributedLock(key = { "account:#{#from}", "account:#{#to}" })
		public void transfer(String from, String to) {
		}

		@DistributedLock("#{#value}")
		public void value(Object value) {
		}

		@DistributedLock("#{#root.method.invoke(#root.target)}")
		public void invoke() {
		}

		@DistributedLock("#{#text.class.name}")
		public void className(String text) {
		}

		@DistributedLock("#{#root.method.declaringClass.name}")
		public void declaringClass() {
		}

		@DistributedLock("#{#text.setLength(0)}")
		public void change(StringBuilder text) {
		}

		@DistributedLock(key = "k", condition = "#{#total > ${limit}}")
		public String conditional(int total) {
			return "ran";
		}

		@DistributedLock(key = "k", condition = "${locking:false}")
		public void never() {
		}

		@DistributedLock(key = "k", condition = "true")
		public void always() {
		}

		@DistributedLock(key = "k", condition = "#{#answer}")
		public void unclear(String answer) {
		}

	}

}
