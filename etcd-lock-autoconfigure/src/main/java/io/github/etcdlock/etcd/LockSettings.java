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
 */
public record LockSettings(String keyPrefix, Duration waitTime, Duration ttl, Duration requestTimeout,
		Duration shutdownTimeout, String application) {

}
