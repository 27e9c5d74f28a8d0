package io.github.etcdlock;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A lock that was acquired. The handle owns the lock, not the thread: any thread may use
 * and close it. Safe for use by many threads.
 */
public interface LockHandle extends AutoCloseable {

	/**
	 * The keys, as they were asked for.
	 * @return the keys, without duplicates
	 */
	List<String> keys();

	/**
	 * Whether others may hold the lock at the same time.
	 * @return the mode
	 */
	LockMode mode();

	/**
	 * A number that strictly increases from holder to holder of one key, across all
	 * processes: hand it to what the lock protects, and refuse there whatever comes with
	 * a smaller one.
	 * @return the token
	 */
	long fencingToken();

	/**
	 * The etcd keys whose existence is the lock, in the order of {@link #keys()}, for a
	 * transaction of the caller's own that compares their create revision with
	 * {@link #revision()}.
	 * @return the etcd keys
	 */
	List<String> ownershipKeys();

	/**
	 * The create revision of the {@link #ownershipKeys()}.
	 * @return the revision
	 */
	long revision();

	/**
	 * Whether the lock is held, as far as this process can prove at this moment. Never
	 * blocks. It turns false before etcd can give the key to another.
	 * @return true while it is held
	 */
	boolean isHeld();

	/**
	 * How long the lock has been held; after its end, how long it was.
	 * @return the time since it was acquired
	 */
	Duration heldFor();

	/**
	 * Runs an action when the lock is lost, at once if it is lost already, never if it is
	 * released before. The action runs on a thread of the library's own and should be
	 * brief.
	 * @param action what to run
	 */
	void onLost(Runnable action);

	/**
	 * Makes an exclusive lock a shared one without letting go of it, so that no other
	 * writer can come in between. Returns when etcd has confirmed. Where it fails because
	 * etcd did not answer, the lock counts as shared, for it may be.
	 * @throws IllegalStateException if it is shared already, or of a kind that cannot be
	 * shared
	 * @throws LockLostException if it is not held any more
	 * @throws LockUnavailableException if etcd did not answer
	 */
	default void downgrade() {
		throw new IllegalStateException("The lock on " + keys() + " is not one that can be shared");
	}

	/**
	 * Releases the lock. Returns when etcd has confirmed, or the request timeout has
	 * passed (the library then goes on trying in the background). Never throws, and does
	 * nothing the second time or when the lock was lost.
	 */
	@Override
	void close();

	/**
	 * Releases the lock without blocking.
	 * @return a future that completes when {@link #close()} would have returned; it never
	 * fails
	 */
	CompletableFuture<Void> closeAsync();

}
