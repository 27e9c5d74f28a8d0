package io.github.etcdlock.chaos;

/** A lock that is held, as far as the suite uses it. */
interface Hold {

	long token();

	/** Whether others may hold it too. */
	default boolean shared() {
		return false;
	}

	boolean isHeld();

	void onLost(Runnable action);

	void close();

}
