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

	private static final Duration WAIT = Duration.ofMinutes(2);

	/** A busy machine can keep a request waiting. */
	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private final LeaseManager manager;

	private static final int TURN_LIMIT = 16;

	private static final Duration TURN_TIME = Duration.ofMillis(50);

	private EtcdLockClient(String address, int turnLimit) {
		EtcdConnection connection = new EtcdConnection(List.of(address), null, null, null, PATIENCE);
		this.manager = new LeaseManager(connection, new LockSettings(PREFIX, WAIT, Duration.ofSeconds(30), PATIENCE,
				PATIENCE, "benchmark", turnLimit, TURN_TIME), List.of());
	}

	static EtcdLockClient withTurns(String address) {
		return new EtcdLockClient(address, TURN_LIMIT);
	}

	/** Each hand-over between threads is a write. */
	static EtcdLockClient withoutTurns(String address) {
		return new EtcdLockClient(address, 0);
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
