package io.github.etcdlock.benchmarks;

import com.google.protobuf.ByteString;

/** No lock at all: a put and a delete through the plain gRPC stubs. */
final class RawStubClient implements LockClient {

	private final EtcdChannel etcd;

	RawStubClient(String address) {
		this.etcd = new EtcdChannel(address);
	}

	@Override
	public Held lock(String key) throws Exception {
		ByteString name = EtcdChannel.bytes("/bench/stubs/" + key);
		this.etcd.keys().put(EtcdChannel.put(name)).get();
		return () -> this.etcd.keys().deleteRange(EtcdChannel.delete(name)).get();
	}

	@Override
	public void close() {
		this.etcd.close();
	}

}
