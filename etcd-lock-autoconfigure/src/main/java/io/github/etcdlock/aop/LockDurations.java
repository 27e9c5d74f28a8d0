package io.github.etcdlock.aop;

import java.time.Duration;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;

/**
 * Reads the durations of annotations as those of properties are read, except that a bare
 * number is refused.
 */
final class LockDurations {

	private static final String CURE = "Write it with its unit, such as 500ms, 5s or 2m";

	private LockDurations() {
	}

	static @Nullable Duration of(String attribute, String text, ExpressionParser parser) {
		if (text.isBlank()) {
			return null;
		}
		String value = parser.text(text).strip();
		if (value.isEmpty() || value.equals("0")) {
			return value.isEmpty() ? null : Duration.ZERO;
		}
		if (value.matches("[+-]?\\d+")) {
			throw new LockMistake(attribute + " = \"" + value + "\" has no unit", CURE);
		}
		try {
			return DurationStyle.detectAndParse(value);
		}
		catch (IllegalArgumentException | ArithmeticException ex) {
			throw new LockMistake(attribute + " = \"" + value + "\" is not a duration", CURE, ex);
		}
	}

}
