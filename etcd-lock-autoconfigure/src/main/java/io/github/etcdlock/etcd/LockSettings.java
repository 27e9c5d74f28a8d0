package io.github.etcdlock.etcd;

import java.time.Duration;

/**
 * What the engine does when a request does not say otherwise.
 *
 * @param keyPrefix the etcd key all locks live under, without a trailing slash
 * @param waitTime how long to wait for a lock
 * @param ttl the time to live of a lease: whole seconds, two at least
 * @param requestTimeout how long one operation on etcd may take, with its repetitions; at
 * most a third of the TTL
 * @param shutdownTimeout how long closing waits for running {@code execute} actions
 * @param application what other processes are shown as the owner of our locks
 * @param turnLimit how many more times the threads of this process may pass a lock among
 * themselves once another process waits for it; 0 for a write at each
 * @param turnTime for how long they may
 */
public record LockSettings(String keyPrefix, Duration waitTime, Duration ttl, Duration requestTimeout,
		Duration shutdownTimeout, String application, int turnLimit, Duration turnTime) {

	/**
	 * Settings with the default turns.
	 * @param keyPrefix the etcd key all locks live under
	 * @param waitTime how long to wait for a lock
	 * @param ttl the time to live of a lease
	 * @param requestTimeout how long one operation on etcd may take
	 * @param shutdownTimeout how long closing waits for running actions
	 * @param application what other processes are shown as the owner of our locks
	 */
	public LockSettings(String keyPrefix, Duration waitTime, Duration ttl, Duration requestTimeout,
			Duration shutdownTimeout, String application) {
		this(keyPrefix, waitTime, ttl, requestTimeout, shutdownTimeout, application, 16, Duration.ofMillis(50));
	}

}
