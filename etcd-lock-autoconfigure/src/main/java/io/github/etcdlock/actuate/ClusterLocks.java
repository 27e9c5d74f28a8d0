package io.github.etcdlock.actuate;

import java.util.List;

import org.jspecify.annotations.Nullable;

/** Where the endpoint has its locks from. */
public interface ClusterLocks {

	/**
	 * Reads locks of the whole cluster, in a fixed order.
	 * @param after the key of the last lock that was read before, or null to begin
	 * @param limit how many locks to read at most
	 * @return the locks
	 */
	Page read(@Nullable String after, int limit);

	/**
	 * Reads one lock.
	 * @param key its key
	 * @return the lock, without places if nobody holds it
	 */
	LockLine read(String key);

	/**
	 * What this instance holds and waits for.
	 * @return the locks
	 */
	List<LocalLock> here();

	/**
	 * Asks a holder to give up its lock, or takes it away, if it is still the holder.
	 * @param place the holder's place
	 * @param force whether to take it away
	 * @return whether it was still the holder
	 */
	boolean revoke(LockLine.Place place, boolean force);

	/**
	 * A part of all locks.
	 *
	 * @param locks the locks
	 * @param next what to read after, or null at the end
	 */
	record Page(List<LockLine> locks, @Nullable String next) {

	}

}
