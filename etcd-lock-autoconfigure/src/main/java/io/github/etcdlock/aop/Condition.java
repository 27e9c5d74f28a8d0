package io.github.etcdlock.aop;

import io.github.etcdlock.EtcdLockException;
import org.jspecify.annotations.Nullable;

/**
 * When a method is locked at all.
 *
 * @param expression what says so for each call, or null for a constant
 * @param constant the answer where there is no expression
 */
record Condition(@Nullable CallExpression expression, boolean constant) {

	boolean holds(Call call) {
		if (this.expression == null) {
			return this.constant;
		}
		Object value = this.expression.value(call);
		if (value instanceof Boolean answer) {
			return answer;
		}
		throw new EtcdLockException("The condition #{" + this.expression.text() + "} of " + this.expression.where()
				+ " must be true or false, but was "
				+ ((value != null) ? "a " + value.getClass().getTypeName() : "null"), null);
	}

}
