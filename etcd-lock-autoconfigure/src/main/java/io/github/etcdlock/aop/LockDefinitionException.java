package io.github.etcdlock.aop;

import java.lang.annotation.Annotation;

/**
 * A {@link io.github.etcdlock.DistributedLock} or a {@link io.github.etcdlock.LeaderOnly}
 * that cannot work as it is written. Thrown while the application starts.
 */
public final class LockDefinitionException extends IllegalStateException {

	private static final long serialVersionUID = 1L;

	/** What is wrong, and where. */
	private final String problem;

	/** What to do about it. */
	private final String cure;

	LockDefinitionException(Class<? extends Annotation> mark, String where, LockMistake mistake) {
		super(problem(mark, where, mistake) + " " + mistake.cure() + ".", mistake);
		this.problem = problem(mark, where, mistake);
		this.cure = mistake.cure() + ".";
	}

	private static String problem(Class<? extends Annotation> mark, String where, LockMistake mistake) {
		return "@" + mark.getSimpleName() + " on " + where + ": " + mistake.getMessage() + ".";
	}

	/**
	 * What is wrong, and where.
	 * @return a sentence
	 */
	public String problem() {
		return this.problem;
	}

	/**
	 * What to do about it.
	 * @return a sentence
	 */
	public String cure() {
		return this.cure;
	}

}
