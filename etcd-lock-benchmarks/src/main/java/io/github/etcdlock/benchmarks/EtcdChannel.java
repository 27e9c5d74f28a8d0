package io.github.etcdlock.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;

/** A channel to etcd, and the two writes that are the floor of every lock. */
final class EtcdChannel implements AutoCloseable {

	private static final ByteString VALUE = ByteString.copyFromUtf8("benchmark");

	private final ManagedChannel channel;

	private final KVGrpc.KVFutureStub keys;

	EtcdChannel(String address) {
		this.channel = NettyChannelBuilder.forTarget(address).usePlaintext().directExecutor().build();
		this.keys = KVGrpc.newFutureStub(this.channel);
	}

	ManagedChannel channel() {
		return this.channel;
	}

	KVGrpc.KVFutureStub keys() {
		return this.keys;
	}

	static ByteString bytes(String key) {
		return ByteString.copyFrom(key, StandardCharsets.UTF_8);
	}

	static PutRequest put(ByteString key) {
		return PutRequest.newBuilder().setKey(key).setValue(VALUE).build();
	}

	static DeleteRangeRequest delete(ByteString key) {
		return DeleteRangeRequest.newBuilder().setKey(key).build();
	}

	/** Deletes everything that begins with the prefix. */
	void deleteAll(String prefix) throws Exception {
		String end = prefix.substring(0, prefix.length() - 1) + (char) (prefix.charAt(prefix.length() - 1) + 1);
		this.keys.deleteRange(DeleteRangeRequest.newBuilder().setKey(bytes(prefix)).setRangeEnd(bytes(end)).build())
			.get(1, TimeUnit.MINUTES);
	}

	@Override
	public void close() {
		this.channel.shutdownNow();
	}

}
