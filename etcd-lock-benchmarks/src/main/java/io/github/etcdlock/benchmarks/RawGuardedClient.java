package io.github.etcdlock.benchmarks;

import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;

/**
 * No lock at all: the two requests that etcd-lock sends for a lock that nobody else
 * wants, through the plain gRPC stubs. What etcd-lock needs more is its engine; what this
 * needs more than a put and a delete is etcd's, for what makes a lock of them.
 */
final class RawGuardedClient implements LockClient {

	private final EtcdChannel etcd;

	private final LineRequests requests;

	RawGuardedClient(String address) {
		this.etcd = new EtcdChannel(address);
		this.requests = new LineRequests(this.etcd);
	}

	@Override
	public Held lock(String key) throws Exception {
		TxnResponse taken = this.etcd.keys().txn(this.requests.take(key, 0).build()).get();
		if (!taken.getSucceeded()) {
			throw new IllegalStateException("Somebody else has locked " + key);
		}
		TxnRequest release = this.requests.release(key, 0, taken.getHeader().getRevision());
		return () -> this.etcd.keys().txn(release).get();
	}

	@Override
	public void close() {
		this.etcd.close();
	}

}
