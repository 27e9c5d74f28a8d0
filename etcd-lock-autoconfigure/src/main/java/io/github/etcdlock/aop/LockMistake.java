package io.github.etcdlock.aop;

/**
 * What is wrong with one attribute of an annotation; {@link LockDefinitionException} adds
 * where that is.
 */
final class LockMistake extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String cure;

	LockMistake(String problem, String cure) {
		super(problem);
		this.cure = cure;
	}

	LockMistake(String problem, String cure, Throwable cause) {
		super(problem, cause);
		this.cure = cure;
	}

	String cure() {
		return this.cure;
	}

}
