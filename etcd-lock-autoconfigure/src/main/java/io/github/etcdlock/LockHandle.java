package io.github.etcdlock;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
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
	 * What metrics and traces call the lock.
	 * @return the name of the request, or of the annotation: its keys as they are written
	 * there
	 */
	default Optional<String> name() {
		return Optional.empty();
	}

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
	 * Runs an action when an operator asks for the lock: to give it up, or when, is up to
	 * the holder, who should come to a good end and release it. At once if that has
	 * happened already. The action runs on a thread of the library's own and should be
	 * brief. A lock of a kind that nobody can ask for never runs it.
	 * @param action what to run
	 */
	default void onRevocationRequested(Runnable action) {
	}

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
	 * Keeps the keys for a minimum time, counted from when the lock was acquired, even if
	 * it is released sooner: it is not held any more then, but nobody else can have it
	 * either. That outlives the end of this process and of its session, but not the loss
	 * of the lock. Of several minimum times the longest counts. Never blocks.
	 * @param time the minimum time, zero to ten years
	 * @throws IllegalStateException if the lock is released already, or of a kind that
	 * cannot be kept
	 */
	default void holdAtLeast(Duration time) {
		throw new IllegalStateException("The lock on " + keys() + " is not one that can be kept for a minimum time");
	}

	/**
	 * Releases the lock. Returns when etcd has confirmed, or the request timeout has
	 * passed (the library then goes on trying in the background). If only that shows that
	 * the lock had been lost, it returns when {@link #onLost} has run. Never throws, and
	 * does nothing the second time or when the lock was lost.
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
