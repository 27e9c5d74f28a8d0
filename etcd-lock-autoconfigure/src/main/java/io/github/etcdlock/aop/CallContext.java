package io.github.etcdlock.aop;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.springframework.expression.BeanResolver;
import org.springframework.expression.EvaluationContext;
import org.springframework.expression.MethodResolver;
import org.springframework.expression.OperatorOverloader;
import org.springframework.expression.PropertyAccessor;
import org.springframework.expression.TypeComparator;
import org.springframework.expression.TypeConverter;
import org.springframework.expression.TypeLocator;
import org.springframework.expression.TypedValue;
import org.springframework.expression.spel.SpelEvaluationException;
import org.springframework.expression.spel.SpelMessage;
import org.springframework.expression.spel.support.StandardOperatorOverloader;
import org.springframework.expression.spel.support.StandardTypeComparator;
import org.springframework.expression.spel.support.StandardTypeConverter;

/**
 * What an expression sees of one call: the arguments by name, and the call as the root.
 * Everything can be read, nothing be changed, and no type be reached by name.
 */
final class CallContext implements EvaluationContext {

	private static final List<PropertyAccessor> PROPERTIES = List.of(new ReadOnlyProperties());

	private static final List<MethodResolver> METHODS = List.of(new ReadOnlyMethods());

	private static final TypeConverter CONVERTER = new StandardTypeConverter();

	private static final OperatorOverloader OPERATORS = new StandardOperatorOverloader();

	private static final TypeComparator COMPARATOR = new StandardTypeComparator();

	private final Call call;

	private final Map<String, Integer> arguments;

	private final @Nullable BeanResolver beans;

	CallContext(Call call, Map<String, Integer> arguments, @Nullable BeanResolver beans) {
		this.call = call;
		this.arguments = arguments;
		this.beans = beans;
	}

	@Override
	public TypedValue getRootObject() {
		return new TypedValue(new CallRoot(this.call.target(), this.call.method()));
	}

	@Override
	public List<PropertyAccessor> getPropertyAccessors() {
		return PROPERTIES;
	}

	@Override
	public List<MethodResolver> getMethodResolvers() {
		return METHODS;
	}

	@Override
	public @Nullable BeanResolver getBeanResolver() {
		return this.beans;
	}

	@Override
	public TypeLocator getTypeLocator() {
		return (type) -> {
			throw new SpelEvaluationException(SpelMessage.TYPE_NOT_FOUND, type);
		};
	}

	@Override
	public TypeConverter getTypeConverter() {
		return CONVERTER;
	}

	@Override
	public TypeComparator getTypeComparator() {
		return COMPARATOR;
	}

	@Override
	public OperatorOverloader getOperatorOverloader() {
		return OPERATORS;
	}

	@Override
	public @Nullable Object lookupVariable(String name) {
		Integer index = this.arguments.get(name);
		return (index != null) ? this.call.argument(index) : null;
	}

	@Override
	public void setVariable(String name, @Nullable Object value) {
		throw notWritable(name);
	}

	@Override
	public TypedValue assignVariable(String name, Supplier<TypedValue> value) {
		throw notWritable(name);
	}

	@Override
	public boolean isAssignmentEnabled() {
		return false;
	}

	@Override
	public boolean isCompilationSupported() {
		return false;
	}

	private static SpelEvaluationException notWritable(String name) {
		return new SpelEvaluationException(SpelMessage.VARIABLE_ASSIGNMENT_NOT_SUPPORTED, "#" + name);
	}

}
