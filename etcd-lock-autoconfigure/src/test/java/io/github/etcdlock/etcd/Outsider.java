package io.github.etcdlock.etcd;

import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;

/** Somebody else with access to etcd: an operator, another program, a late packet. */
final class Outsider implements AutoCloseable {

	private final ManagedChannel channel;

	Outsider(String endpoint) {
		URI uri = URI.create(endpoint);
		this.channel = NettyChannelBuilder.forAddress(uri.getHost(), uri.getPort()).usePlaintext().build();
	}

	/** Puts a key without a lease. */
	long put(String key) {
		return put(key, "");
	}

	long put(String key, String value) {
		return put(PutRequest.newBuilder().setValue(ByteString.copyFromUtf8(value)), key);
	}

	long put(String key, long lease) {
		return put(PutRequest.newBuilder().setLease(lease), key);
	}

	private long put(PutRequest.Builder put, String key) {
		return kv().put(put.setKey(ByteString.copyFromUtf8(key)).build()).getHeader().getRevision();
	}

	long delete(String key) {
		return kv().deleteRange(DeleteRangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build())
			.getHeader()
			.getRevision();
	}

	/** Deletes several keys in one revision. */
	void deleteAtOnce(List<String> keys) {
		TxnRequest.Builder delete = TxnRequest.newBuilder();
		keys.forEach((key) -> delete.addSuccess(Slot.delete(ByteString.copyFromUtf8(key))));
		txn(delete.build());
	}

	/** Delivers a request that got lost on its way, or delivers it twice. */
	TxnResponse txn(TxnRequest request) {
		return kv().txn(request);
	}

	void revoke(long lease) {
		LeaseGrpc.newBlockingStub(this.channel)
			.withDeadlineAfter(5, TimeUnit.SECONDS)
			.leaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease).build());
	}

	long revision() {
		return kv().range(RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("x")).build())
			.getHeader()
			.getRevision();
	}

	/** Forgets everything before the current revision. */
	void compact() {
		kv().compact(CompactionRequest.newBuilder().setRevision(revision()).setPhysical(true).build());
	}

	private KVGrpc.KVBlockingStub kv() {
		return KVGrpc.newBlockingStub(this.channel).withDeadlineAfter(5, TimeUnit.SECONDS);
	}

	@Override
	public void close() {
		this.channel.shutdownNow();
	}

}
