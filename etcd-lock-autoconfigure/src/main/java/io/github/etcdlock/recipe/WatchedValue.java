package io.github.etcdlock.recipe;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A local copy of what etcd has under one key, or under a prefix, read once and kept
 * current by a watch. It tells states, not events: while etcd cannot be reached it stays
 * as it was, and afterwards, or behind a slow listener, it may pass over states in
 * between, never over the last one. Safe for use by many threads.
 *
 * @param <T> the type of the value
 */
public interface WatchedValue<T> extends AutoCloseable {

	/**
	 * The value as this process knows it. Waits for etcd only until it was read for the
	 * first time, and at most three times the request timeout.
	 * @return the value, or empty when there is no such key
	 * @throws UnreadableValueException if what is stored is no such value
	 * @throws io.github.etcdlock.LockUnavailableException if it could not be read for the
	 * first time
	 * @throws IllegalStateException if it was closed
	 */
	Optional<T> get();

	/**
	 * Tells a listener the present value, and then each change, in order and one at a
	 * time, on a thread of the library's own; it should be brief. A value that cannot be
	 * read is logged and not told. What a listener throws is logged.
	 * @param listener who is told
	 */
	void onChange(Consumer<Optional<T>> listener);

	/**
	 * Waits until the value is there and as it should be.
	 * @param condition what it is waited for
	 * @param wait how long at most
	 * @return the value that was, or empty when the time was over
	 * @throws InterruptedException if the thread is interrupted while it waits
	 */
	Optional<T> awaitValue(Predicate<? super T> condition, Duration wait) throws InterruptedException;

	/** Ends the watch, unless others need it. Idempotent. */
	@Override
	void close();

}
