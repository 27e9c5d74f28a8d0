package io.github.etcdlock.benchmarks;

import java.nio.charset.StandardCharsets;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;

/**
 * The requests of ShedLock's etcd provider, whose artifact could not be had: a lease for
 * each lock, a transaction on the key's version, and the lease revoked. It does not wait.
 */
final class ShedLockClient implements LockClient {

	private static final long TTL_SECONDS = 30;

	private static final ByteSequence VALUE = ByteSequence.from("benchmark", StandardCharsets.UTF_8);

	private final Client client;

	private final KV keys;

	private final Lease leases;

	ShedLockClient(String address) {
		this.client = Client.builder().endpoints("http://" + address).build();
		this.keys = this.client.getKVClient();
		this.leases = this.client.getLeaseClient();
	}

	@Override
	public Held lock(String key) throws Exception {
		ByteSequence name = ByteSequence.from("/bench/shed/" + key, StandardCharsets.UTF_8);
		long lease = this.leases.grant(TTL_SECONDS).get().getID();
		TxnResponse response = this.keys.txn()
			.If(new Cmp(name, Cmp.Op.EQUAL, CmpTarget.version(0)))
			.Then(Op.put(name, VALUE, PutOption.builder().withLeaseId(lease).build()))
			.Else(Op.get(name, GetOption.DEFAULT))
			.commit()
			.get();
		if (!response.isSucceeded()) {
			throw new IllegalStateException("The key is locked, and ShedLock does not wait: " + name);
		}
		return () -> this.leases.revoke(lease).get();
	}

	@Override
	public void close() {
		this.client.close();
	}

}
