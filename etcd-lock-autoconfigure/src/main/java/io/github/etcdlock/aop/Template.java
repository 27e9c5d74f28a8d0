package io.github.etcdlock.aop;

import java.util.ArrayList;
import java.util.List;

/**
 * A text cut into what stands for itself and what is between <code>#{</code> and
 * <code>}</code>. Placeholders stay inside their part, to be resolved there: so a
 * property's value never becomes an expression by accident.
 */
record Template(String text, List<Part> parts) {

	static Template of(String text) {
		List<Part> parts = new ArrayList<>();
		int literal = 0;
		int at = 0;
		while (at < text.length()) {
			if (text.startsWith("${", at)) {
				at = endOfPlaceholder(text, at + 2);
			}
			else if (text.startsWith("#{", at)) {
				addLiteral(parts, text, literal, at);
				int end = endOfExpression(text, at);
				parts.add(new Part(true, text.substring(at + 2, end), at + 2));
				at = end + 1;
				literal = at;
			}
			else {
				at++;
			}
		}
		addLiteral(parts, text, literal, text.length());
		return new Template(text, List.copyOf(parts));
	}

	private static void addLiteral(List<Part> parts, String text, int start, int end) {
		if (start < end) {
			parts.add(new Part(false, text.substring(start, end), start));
		}
	}

	private static int endOfPlaceholder(String text, int start) {
		int depth = 1;
		for (int i = start; i < text.length(); i++) {
			if (text.charAt(i) == '{') {
				depth++;
			}
			else if (text.charAt(i) == '}' && --depth == 0) {
				return i + 1;
			}
		}
		// Not closed: that is the property resolver's to judge.
		return start;
	}

	private static int endOfExpression(String text, int start) {
		int depth = 0;
		char quote = 0;
		for (int i = start + 1; i < text.length(); i++) {
			char c = text.charAt(i);
			if (quote != 0) {
				quote = (c == quote) ? 0 : quote;
			}
			else if (c == '\'' || c == '"') {
				quote = c;
			}
			else if (c == '{') {
				depth++;
			}
			else if (c == '}' && --depth == 0) {
				return i;
			}
		}
		throw new LockMistake(
				"the expression that starts with #{ at position " + start + " of \"" + text + "\" is never closed",
				"Close it with }, and check its quotes");
	}

	/**
	 * A stretch of the text.
	 *
	 * @param expression whether it is an expression
	 * @param text the stretch, without <code>#{}</code>
	 * @param position where it starts
	 */
	record Part(boolean expression, String text, int position) {

	}

}
