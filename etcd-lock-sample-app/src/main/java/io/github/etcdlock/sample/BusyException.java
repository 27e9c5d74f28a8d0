package io.github.etcdlock.sample;

/** What is asked for cannot be done just now; the message says why. */
class BusyException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	BusyException(String message) {
		super(message);
	}

}
