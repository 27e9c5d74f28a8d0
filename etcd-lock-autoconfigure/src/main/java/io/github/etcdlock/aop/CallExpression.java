package io.github.etcdlock.aop;

import java.util.Map;

import io.github.etcdlock.InvalidLockKeyException;
import org.jspecify.annotations.Nullable;
import org.springframework.expression.BeanResolver;
import org.springframework.expression.EvaluationException;
import org.springframework.expression.spel.ast.VariableReference;
import org.springframework.expression.spel.standard.SpelExpression;

/** An expression over one call, parsed and checked. */
final class CallExpression {

	private final SpelExpression expression;

	private final Map<String, Integer> arguments;

	private final @Nullable BeanResolver beans;

	private final String where;

	/** The argument an expression as plain as <code>#id</code> stands for, or -1. */
	private final int argument;

	CallExpression(SpelExpression expression, Map<String, Integer> arguments, @Nullable BeanResolver beans,
			String where) {
		this.expression = expression;
		this.arguments = arguments;
		this.beans = beans;
		this.where = where;
		this.argument = (expression.getAST() instanceof VariableReference variable)
				? arguments.getOrDefault(variable.toStringAST().substring(1), -1) : -1;
	}

	@Nullable Object value(Call call) {
		if (this.argument >= 0) {
			return call.argument(this.argument);
		}
		try {
			return this.expression.getValue(new CallContext(call, this.arguments, this.beans));
		}
		catch (EvaluationException ex) {
			throw new InvalidLockKeyException("The expression #{" + text() + "} of " + this.where
					+ " has no value for this call: " + ex.getMessage() + "; check the arguments for null", ex);
		}
	}

	String text() {
		return this.expression.getExpressionString();
	}

	String where() {
		return this.where;
	}

}
