package io.github.etcdlock.recipe;

import java.util.Optional;

import io.github.etcdlock.LockHandle;

/** Somebody who stands in an election in the background. Safe for use by many threads. */
public interface Candidate extends AutoCloseable {

	/**
	 * The leadership, if it has it, as far as this process can prove at this moment.
	 * Never blocks.
	 * @return the leadership, or empty while it does not lead
	 */
	Optional<LockHandle> leadership();

	/**
	 * Stands no longer. A leader's listener is told, and then the leadership is given up.
	 * Returns when that is done, or the shutdown timeout has passed (it is done later
	 * then); never throws. The listener itself may call it, also while it is told
	 * something.
	 */
	@Override
	void close();

}
