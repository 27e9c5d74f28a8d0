package io.github.etcdlock.autoconfigure;

import java.lang.reflect.Method;

import org.jspecify.annotations.Nullable;

/** A method marked with {@code @QueueListener} that cannot be one. */
final class QueueListenerException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String problem;

	private final String action;

	QueueListenerException(Method method, String mistake, String action, @Nullable Throwable cause) {
		super(problem(method, mistake) + " " + action, cause);
		this.problem = problem(method, mistake);
		this.action = action;
	}

	private static String problem(Method method, String mistake) {
		return "@QueueListener on " + method.getDeclaringClass().getName() + "." + method.getName() + "(): " + mistake
				+ ".";
	}

	/** What is wrong, and where. */
	String problem() {
		return this.problem;
	}

	/** What to do about it. */
	String action() {
		return this.action;
	}

}
