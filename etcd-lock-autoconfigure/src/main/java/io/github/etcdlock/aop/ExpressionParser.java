package io.github.etcdlock.aop;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.context.expression.BeanFactoryResolver;
import org.springframework.core.env.PropertyResolver;
import org.springframework.expression.ParseException;
import org.springframework.expression.spel.standard.SpelExpression;
import org.springframework.expression.spel.standard.SpelExpressionParser;

/**
 * Reads the texts of annotations: placeholders are filled in and expressions parsed once
 * and for all.
 */
final class ExpressionParser {

	private static final Pattern BARE_VARIABLE = Pattern.compile("#([\\p{L}_$][\\p{L}\\p{N}_$]*)");

	private final PropertyResolver properties;

	private final @Nullable BeanFactory beans;

	private final SpelExpressionParser spel = new SpelExpressionParser();

	/** A parser that knows beans only if it is given where they are. */
	ExpressionParser(PropertyResolver properties, @Nullable BeanFactory beans) {
		this.properties = properties;
		this.beans = beans;
	}

	String text(String text) {
		return resolved(text, this.properties::resolveRequiredPlaceholders);
	}

	/** A text with its placeholders filled in. */
	static String resolved(String text, UnaryOperator<String> properties) {
		try {
			return properties.apply(text);
		}
		catch (IllegalArgumentException ex) {
			throw new LockMistake("\"" + text + "\" names a property that is not set: " + ex.getMessage(),
					"Set the property, or give a default: ${name:default}", ex);
		}
	}

	KeyTemplate key(String text, Parameters parameters, String where) {
		List<KeyTemplate.Part> parts = new ArrayList<>();
		for (Template.Part part : Template.of(text).parts()) {
			if (part.expression()) {
				parts.add(new KeyTemplate.Part(null, expression(part, parameters, where)));
			}
			else {
				checkForgottenBraces(part, parameters);
				parts.add(new KeyTemplate.Part(text(part.text()), null));
			}
		}
		return new KeyTemplate(List.copyOf(parts), text);
	}

	/** The condition, or null where it is always true. */
	@Nullable Condition condition(String text, Parameters parameters, String where) {
		List<Template.Part> parts = Template.of(text.strip()).parts();
		if (parts.size() == 1 && parts.get(0).expression()) {
			return new Condition(expression(parts.get(0), parameters, where), false);
		}
		String constant = (parts.size() == 1) ? text(parts.get(0).text()).strip() : "";
		if (constant.equalsIgnoreCase("true")) {
			return null;
		}
		if (constant.equalsIgnoreCase("false")) {
			return new Condition(null, false);
		}
		throw new LockMistake("the condition \"" + text + "\" is neither one expression nor true or false",
				"Write it whole between #{ and }, such as #{#order.total > 100}");
	}

	private CallExpression expression(Template.Part part, Parameters parameters, String where) {
		String source = text(part.text()).strip();
		if (source.isEmpty()) {
			throw new LockMistake("the expression #{} at position " + (part.position() - 2) + " is empty",
					"Write what it stands for, such as #{#id}");
		}
		try {
			SpelExpression expression = this.spel.parseRaw(source);
			new ExpressionRules(parameters, (this.beans != null) ? this.beans::containsBean : null)
				.check(expression.getAST());
			return new CallExpression(expression, parameters.indexes(),
					(this.beans != null) ? new BeanFactoryResolver(this.beans) : null, where);
		}
		catch (ParseException ex) {
			throw new LockMistake("the expression #{" + source + "} cannot be read at position " + ex.getPosition()
					+ ": " + ex.getSimpleMessage(), "Correct the expression", ex);
		}
	}

	/** Text such as <code>#id</code> outside of braces would be one lock for all ids. */
	private static void checkForgottenBraces(Template.Part part, Parameters parameters) {
		Matcher matcher = BARE_VARIABLE.matcher(part.text());
		while (matcher.find()) {
			String name = matcher.group(1);
			if ((part.position() == 0 && matcher.start() == 0) || name.equals("root")
					|| parameters.indexes().containsKey(name)) {
				throw new LockMistake(
						"#" + name + " stands outside of braces, so it is plain text: one lock for every call",
						"Write #{#" + name + "}, or #{'#" + name + "'} if the text is meant");
			}
		}
	}

}
