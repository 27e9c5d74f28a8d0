package io.github.etcdlock.etcd;

import java.util.List;

import io.github.etcdlock.LockListener;
import io.github.etcdlock.LockTemplate;

/**
 * The engine: owns the channels to etcd, one lease session per TTL, and every lock of
 * this process. Nothing is connected before the first use. Safe for use by many threads.
 */
public final class LeaseManager implements AutoCloseable {

	/**
	 * Creates the engine; connects to nothing yet.
	 * @param connection how to reach etcd
	 * @param settings the defaults
	 * @param listeners who is told what happens to locks, in order
	 */
	public LeaseManager(EtcdConnection connection, LockSettings settings, List<LockListener> listeners) {
		throw new UnsupportedOperationException("skeleton");
	}

	/**
	 * The template on this engine.
	 * @return the template
	 */
	public LockTemplate lockTemplate() {
		throw new UnsupportedOperationException("skeleton");
	}

	/**
	 * Asks etcd one harmless question and reports why it could not be answered, with the
	 * gRPC and TLS causes that a queued call would hide.
	 * @throws io.github.etcdlock.LockUnavailableException if etcd does not answer, or
	 * refuses
	 */
	public void probe() {
		throw new UnsupportedOperationException("skeleton");
	}

	/** Opens new channels with the current TLS material; locks survive it. */
	public void reconnect() {
		throw new UnsupportedOperationException("skeleton");
	}

	/**
	 * Refuses new work, ends waiters, releases the handles of {@code acquire} at once and
	 * waits for running {@code execute} actions up to the shutdown timeout; then revokes
	 * the leases and closes the channels. Idempotent.
	 */
	@Override
	public void close() {
		throw new UnsupportedOperationException("skeleton");
	}

}
