package io.github.etcdlock.chaos;

/** A lock that is held, as far as the suite uses it. */
interface Hold {

	long token();

	boolean isHeld();

	void onLost(Runnable action);

	void close();

}
