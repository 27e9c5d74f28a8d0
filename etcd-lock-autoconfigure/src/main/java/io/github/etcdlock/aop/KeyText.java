package io.github.etcdlock.aop;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;

import io.github.etcdlock.InvalidLockKeyException;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Turns a value into the part of a key it stands for, and refuses what would make a lock
 * that everybody shares, or that is another one in every process.
 */
final class KeyText {

	private static final Pattern IDENTITY = Pattern.compile("[\\w.$/]+@[0-9a-f]{1,8}");

	private static final ClassValue<Boolean> HAS_TEXT = new ClassValue<>() {

		@Override
		protected Boolean computeValue(Class<?> type) {
			Method toString = ReflectionUtils.findMethod(type, "toString");
			return toString != null && toString.getDeclaringClass() != Object.class;
		}

	};

	private KeyText() {
	}

	static String of(@Nullable Object value, String expression, String where) {
		Object content = unwrap(value);
		if (content instanceof String text) {
			return notBlank(text, expression, where);
		}
		if (content == null) {
			throw refuse(expression, where, (value == null) ? "is null" : "is an empty Optional",
					"such calls would all share one lock: refuse them before, or give the key a value of its own");
		}
		if (content.getClass().isArray() || content instanceof Collection || content instanceof Map) {
			throw refuse(expression, where, "is a " + content.getClass().getTypeName(),
					"its text depends on its order: name one element, or list several keys");
		}
		if (!HAS_TEXT.get(AopProxyUtils.ultimateTargetClass(content))) {
			throw withoutText(content, expression, where);
		}
		String text = notBlank(content.toString(), expression, where);
		if (isIdentity(content, text)) {
			throw withoutText(content, expression, where);
		}
		return text;
	}

	/** A toString that only calls Object's, or a JDK proxy's that asks its target. */
	private static boolean isIdentity(Object content, String text) {
		return text.indexOf('@') >= 0 && !(content instanceof CharSequence) && IDENTITY.matcher(text).matches()
				&& (text.startsWith(content.getClass().getName() + "@") || Proxy.isProxyClass(content.getClass()));
	}

	private static @Nullable Object unwrap(@Nullable Object value) {
		if (value instanceof Optional<?> optional) {
			return unwrap(optional.orElse(null));
		}
		if (value instanceof OptionalLong optional) {
			return optional.isPresent() ? optional.getAsLong() : null;
		}
		if (value instanceof OptionalInt optional) {
			return optional.isPresent() ? optional.getAsInt() : null;
		}
		return value;
	}

	private static String notBlank(@Nullable String text, String expression, String where) {
		if (text == null || text.isBlank()) {
			throw refuse(expression, where, "is blank",
					"such calls would all share one lock: refuse them before, or give the key a value of its own");
		}
		return text;
	}

	private static InvalidLockKeyException withoutText(Object value, String expression, String where) {
		return refuse(expression, where,
				"is a " + value.getClass().getTypeName() + ", which has no toString of its own",
				"it would be another lock in every process: name a property, such as an id, or write a toString");
	}

	private static InvalidLockKeyException refuse(String expression, String where, String problem, String cure) {
		return new InvalidLockKeyException(
				"The key of " + where + " cannot name a lock: #{" + expression + "} " + problem + "; " + cure);
	}

}
