package io.github.etcdlock.aop;

/**
 * A {@link io.github.etcdlock.DistributedLock} that cannot work as it is written. Thrown
 * while the application starts.
 */
public final class LockDefinitionException extends IllegalStateException {

	private static final long serialVersionUID = 1L;

	/** What is wrong, and where. */
	private final String problem;

	/** What to do about it. */
	private final String cure;

	LockDefinitionException(String where, LockMistake mistake) {
		super("@DistributedLock on " + where + ": " + mistake.getMessage() + ". " + mistake.cure() + ".", mistake);
		this.problem = "@DistributedLock on " + where + ": " + mistake.getMessage() + ".";
		this.cure = mistake.cure() + ".";
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
