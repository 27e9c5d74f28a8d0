package io.github.etcdlock.etcd;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The process behind a lease.
 *
 * @param application its application
 * @param host the host it runs on
 * @param pid its process id there
 * @param start when it began
 */
public record LockOwner(String application, String host, long pid, String start) {

	private static final String TEXT = "\"((?:[^\"\\\\]|\\\\u[0-9a-f]{4})*)\"";

	private static final Pattern VALUE = Pattern.compile("\\{(?:\"layout\":\\d{1,9},)?\"application\":" + TEXT
			+ ",\"host\":" + TEXT + ",\"pid\":(\\d{1,18}),\"start\":" + TEXT + "\\}");

	private static final Pattern ESCAPED = Pattern.compile("\\\\u([0-9a-f]{4})");

	/** Reads what {@link Owner} has written. */
	static Optional<LockOwner> parse(String value) {
		Matcher matcher = VALUE.matcher(value);
		return matcher.matches() ? Optional.of(new LockOwner(text(matcher.group(1)), text(matcher.group(2)),
				Long.parseLong(matcher.group(3)), text(matcher.group(4)))) : Optional.empty();
	}

	private static String text(String escaped) {
		return ESCAPED.matcher(escaped)
			.replaceAll(
					(match) -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(match.group(1), 16))));
	}

}
