package io.github.etcdlock.benchmarks;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.etcd.EtcdConnection;
import io.github.etcdlock.etcd.LeaseManager;
import io.github.etcdlock.etcd.LockSettings;

/** This library, with the defaults of the starter except for more patience. */
final class EtcdLockClient implements AsyncLockClient {

	static final String PREFIX = "/bench/etcd-lock";

	private static final Duration WAIT = Duration.ofMinutes(5);

	/** A busy machine can keep a request waiting. */
	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private final LeaseManager manager;

	private static final int TURN_LIMIT = 16;

	private static final Duration TURN_TIME = Duration.ofMillis(50);

	private EtcdLockClient(LeaseManager manager) {
		this.manager = manager;
	}

	/** What locks and queues are built on. */
	static LeaseManager manager(String address) {
		return manager(address, TURN_LIMIT);
	}

	private static LeaseManager manager(String address, int turnLimit) {
		EtcdConnection connection = new EtcdConnection(List.of(address), null, null, null, PATIENCE);
		return new LeaseManager(connection, new LockSettings(PREFIX, WAIT, Duration.ofSeconds(30), PATIENCE, PATIENCE,
				"benchmark", turnLimit, TURN_TIME), List.of());
	}

	static EtcdLockClient withTurns(String address) {
		return new EtcdLockClient(manager(address));
	}

	/** Each hand-over between threads is a write. */
	static EtcdLockClient withoutTurns(String address) {
		return new EtcdLockClient(manager(address, 0));
	}

	@Override
	public Held lock(String key) throws InterruptedException {
		return this.manager.lockTemplate().acquire(key)::close;
	}

	@Override
	public CompletableFuture<? extends AsyncHeld> lockAsync(String key) {
		return this.manager.lockTemplate().acquireAsync(LockRequest.of(key)).thenApply(EtcdLockClient::held);
	}

	private static AsyncHeld held(LockHandle lock) {
		return lock::closeAsync;
	}

	@Override
	public void close() {
		this.manager.close();
	}

}
