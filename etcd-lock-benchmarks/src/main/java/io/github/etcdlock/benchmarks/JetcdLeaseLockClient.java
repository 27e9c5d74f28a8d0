package io.github.etcdlock.benchmarks;

import java.nio.charset.StandardCharsets;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.Lock;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.support.Observers;

/**
 * etcd's own lock service with a lease for each acquisition: granted, used, revoked. With
 * keep-alive it is the call sequence of {@code DistributedMutex} in pambrose's
 * etcd-recipes, whose artifact could not be had.
 */
final class JetcdLeaseLockClient implements LockClient {

	private static final long TTL_SECONDS = 30;

	private final Client client;

	private final Lease leases;

	private final Lock locks;

	private final boolean keepAlive;

	private JetcdLeaseLockClient(String address, boolean keepAlive) {
		this.client = Client.builder().endpoints("http://" + address).build();
		this.leases = this.client.getLeaseClient();
		this.locks = this.client.getLockClient();
		this.keepAlive = keepAlive;
	}

	static JetcdLeaseLockClient plain(String address) {
		return new JetcdLeaseLockClient(address, false);
	}

	static JetcdLeaseLockClient etcdRecipes(String address) {
		return new JetcdLeaseLockClient(address, true);
	}

	@Override
	public Held lock(String key) throws Exception {
		ByteSequence name = ByteSequence.from("/bench/leases/" + key, StandardCharsets.UTF_8);
		long lease = this.leases.grant(TTL_SECONDS).get().getID();
		Runnable endRenewal = this.keepAlive ? renew(lease) : () -> {
		};
		ByteSequence mine = this.locks.lock(name, lease).get().getKey();
		return () -> {
			this.locks.unlock(mine).get();
			endRenewal.run();
			this.leases.revoke(lease).get();
		};
	}

	private Runnable renew(long lease) {
		return this.leases.keepAlive(lease, Observers.<LeaseKeepAliveResponse>builder().build())::close;
	}

	@Override
	public void close() {
		this.client.close();
	}

}
