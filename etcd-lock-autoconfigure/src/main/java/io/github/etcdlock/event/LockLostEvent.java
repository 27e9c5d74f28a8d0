package io.github.etcdlock.event;

import java.util.List;

import io.github.etcdlock.LockHandle;

/**
 * A lock of this process was lost while it was held: its session expired, or its key was
 * removed from outside. Published on a thread of the library's own, in the order of the
 * losses; a listener that takes long keeps later events waiting, but no lock.
 *
 * @param lock the lock, which is held no longer
 */
public record LockLostEvent(LockHandle lock) {

	/**
	 * The keys of the lock.
	 * @return the keys, as they were asked for
	 */
	public List<String> keys() {
		return this.lock.keys();
	}

	/**
	 * The token that what the lock protects must refuse from now on, once another holder
	 * has been there.
	 * @return the token
	 */
	public long fencingToken() {
		return this.lock.fencingToken();
	}

}
