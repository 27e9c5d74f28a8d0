package io.github.etcdlock.aop;

import java.util.List;

import org.jspecify.annotations.Nullable;

/** A key as the annotation has it, ready to be filled in for each call. */
final class KeyTemplate {

	private final List<Part> parts;

	private final String text;

	KeyTemplate(List<Part> parts, String text) {
		this.parts = parts;
		this.text = text;
	}

	/** The key as it is written, which is the name of all that it makes. */
	String text() {
		return this.text;
	}

	/** The key, if it is the same for every call. */
	@Nullable String constant() {
		StringBuilder text = new StringBuilder();
		for (Part part : this.parts) {
			if (part.literal() == null) {
				return null;
			}
			text.append(part.literal());
		}
		return text.toString();
	}

	String key(Call call) {
		if (this.parts.size() == 1) {
			return this.parts.get(0).text(call);
		}
		StringBuilder key = new StringBuilder();
		for (Part part : this.parts) {
			key.append(part.text(call));
		}
		return key.toString();
	}

	/**
	 * One stretch of a key.
	 *
	 * @param literal text that stands for itself, or null
	 * @param expression what gives the text of a call, where there is no literal
	 */
	record Part(@Nullable String literal, @Nullable CallExpression expression) {

		String text(Call call) {
			if (this.expression == null) {
				return (this.literal != null) ? this.literal : "";
			}
			return KeyText.of(this.expression.value(call), this.expression.text(), this.expression.where());
		}

	}

}
