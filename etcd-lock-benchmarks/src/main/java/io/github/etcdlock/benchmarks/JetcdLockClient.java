package io.github.etcdlock.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.Lock;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.support.Observers;

/**
 * etcd's own lock service, which runs Go's {@code concurrency.Mutex} inside the server,
 * through jetcd. Leases are kept: one for each thread, for two takes with one lease do
 * not exclude each other.
 */
final class JetcdLockClient implements AsyncLockClient {

	private static final long TTL_SECONDS = 30;

	private final Client client;

	private final Lease leases;

	private final Lock locks;

	private final ThreadLocal<Long> lease = ThreadLocal.withInitial(this::newLease);

	JetcdLockClient(String address) {
		this.client = Client.builder().endpoints("http://" + address).build();
		this.leases = this.client.getLeaseClient();
		this.locks = this.client.getLockClient();
	}

	private long newLease() {
		long id = this.leases.grant(TTL_SECONDS).join().getID();
		this.leases.keepAlive(id, Observers.<LeaseKeepAliveResponse>builder().build());
		return id;
	}

	@Override
	public Held lock(String key) throws Exception {
		ByteSequence name = ByteSequence.from("/bench/service/" + key, StandardCharsets.UTF_8);
		ByteSequence mine = this.locks.lock(name, this.lease.get()).get().getKey();
		return () -> this.locks.unlock(mine).get();
	}

	@Override
	public CompletableFuture<? extends AsyncHeld> lockAsync(String key) {
		ByteSequence name = ByteSequence.from("/bench/service/" + key, StandardCharsets.UTF_8);
		return this.leases.grant(TTL_SECONDS * 10)
			.thenCompose((granted) -> this.locks.lock(name, granted.getID()))
			.thenApply((locked) -> () -> this.locks.unlock(locked.getKey()));
	}

	@Override
	public void close() {
		this.client.close();
	}

}
