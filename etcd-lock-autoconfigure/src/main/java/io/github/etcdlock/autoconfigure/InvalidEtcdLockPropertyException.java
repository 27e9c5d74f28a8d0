package io.github.etcdlock.autoconfigure;

import org.jspecify.annotations.Nullable;

/** A property under {@code etcd-lock} that cannot be used. */
final class InvalidEtcdLockPropertyException extends IllegalArgumentException {

	private static final long serialVersionUID = 1L;

	private final String problem;

	private final String cure;

	InvalidEtcdLockPropertyException(String property, @Nullable Object value, String problem, String cure) {
		super(sentence(property, value, problem) + " " + cure);
		this.problem = sentence(property, value, problem);
		this.cure = cure;
	}

	private static String sentence(String property, @Nullable Object value, String problem) {
		return "The property etcd-lock." + property + ((value != null) ? " = " + value : "") + " " + problem + ".";
	}

	String problem() {
		return this.problem;
	}

	String cure() {
		return this.cure;
	}

}
