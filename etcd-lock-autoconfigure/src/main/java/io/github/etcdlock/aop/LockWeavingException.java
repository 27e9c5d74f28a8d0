package io.github.etcdlock.aop;

/**
 * Methods that were to be woven under their locks, and cannot be. Thrown while the
 * application starts.
 */
public final class LockWeavingException extends IllegalStateException {

	private static final long serialVersionUID = 1L;

	/** What is wrong. */
	private final String problem;

	/** What to do about it. */
	private final String cure;

	LockWeavingException(String problem, String cure) {
		super(problem + " " + cure);
		this.problem = problem;
		this.cure = cure;
	}

	/**
	 * What is wrong.
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
