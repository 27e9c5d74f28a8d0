package io.github.etcdlock.chaos;

import java.net.URI;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;

/** What people do to etcd by hand. */
final class Operator implements AutoCloseable {

	private static final long TIMEOUT_SECONDS = 5;

	private final ManagedChannel channel;

	/**
	 * Connects to a member.
	 * @param endpoint with or without {@code http://}
	 */
	Operator(String endpoint) {
		URI uri = URI.create(endpoint.contains("//") ? endpoint : "http://" + endpoint);
		this.channel = NettyChannelBuilder.forAddress(uri.getHost(), uri.getPort()).usePlaintext().build();
	}

	/** Of etcd. */
	String version() {
		return MaintenanceGrpc.newBlockingStub(this.channel)
			.withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS)
			.status(StatusRequest.getDefaultInstance())
			.getVersion();
	}

	/** Writes something; fails if etcd has no leader. */
	void write(String key) {
		kv().put(PutRequest.newBuilder().setKey(bytes(key)).build());
	}

	/** Writes something soon, and tells the raft term that it was written in. */
	long write(String key, Duration patience) {
		try {
			return KVGrpc.newBlockingStub(this.channel)
				.withDeadlineAfter(patience.toNanos(), TimeUnit.NANOSECONDS)
				.put(PutRequest.newBuilder().setKey(bytes(key)).build())
				.getHeader()
				.getRaftTerm();
		}
		catch (StatusRuntimeException ex) {
			this.channel.resetConnectBackoff();
			throw ex;
		}
	}

	/** Forgets all history up to now. */
	void compact() {
		long revision = kv().range(RangeRequest.newBuilder().setKey(bytes("x")).build()).getHeader().getRevision();
		try {
			kv().compact(CompactionRequest.newBuilder().setRevision(revision).build());
		}
		catch (StatusRuntimeException ex) {
			if (ex.getStatus().getCode() != Status.Code.OUT_OF_RANGE) {
				throw ex;
			}
			// nothing was written since the last time
		}
	}

	/** The oldest key under a prefix: whoever put it holds the lock. */
	Optional<KeyValue> oldest(String prefix) {
		return under(prefix).stream().min(Comparator.comparing(KeyValue::getCreateRevision));
	}

	/** The values of all keys under a prefix. */
	List<String> values(String prefix) {
		return under(prefix).stream().map((kv) -> kv.getValue().toStringUtf8()).toList();
	}

	void delete(ByteString key) {
		kv().deleteRange(DeleteRangeRequest.newBuilder().setKey(key).build());
	}

	void deleteAll(String prefix) {
		kv().deleteRange(DeleteRangeRequest.newBuilder().setKey(bytes(prefix)).setRangeEnd(end(prefix)).build());
	}

	long grant(Duration ttl) {
		return leases()
			.leaseGrant(LeaseGrantRequest.newBuilder()
				.setID(ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE))
				.setTTL(ttl.toSeconds())
				.build())
			.getID();
	}

	/** Revokes a lease that may be gone. */
	void revoke(long lease) {
		try {
			leases().leaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease).build());
		}
		catch (StatusRuntimeException ex) {
			if (ex.getStatus().getCode() != Status.Code.NOT_FOUND) {
				throw ex;
			}
		}
	}

	/** The revision that put the key, or 0 if it was there. */
	long putIfAbsent(String key, long lease) {
		TxnResponse response = kv().txn(TxnRequest.newBuilder()
			.addCompare(Compare.newBuilder()
				.setKey(bytes(key))
				.setTarget(Compare.CompareTarget.CREATE)
				.setResult(Compare.CompareResult.EQUAL)
				.setCreateRevision(0))
			.addSuccess(
					RequestOp.newBuilder().setRequestPut(PutRequest.newBuilder().setKey(bytes(key)).setLease(lease)))
			.build());
		return response.getSucceeded() ? response.getHeader().getRevision() : 0;
	}

	@Override
	public void close() {
		this.channel.shutdownNow();
	}

	private List<KeyValue> under(String prefix) {
		return kv().range(RangeRequest.newBuilder().setKey(bytes(prefix)).setRangeEnd(end(prefix)).build())
			.getKvsList();
	}

	private KVGrpc.KVBlockingStub kv() {
		return KVGrpc.newBlockingStub(this.channel).withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS);
	}

	private LeaseGrpc.LeaseBlockingStub leases() {
		return LeaseGrpc.newBlockingStub(this.channel).withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS);
	}

	private static ByteString bytes(String text) {
		return ByteString.copyFromUtf8(text);
	}

	private static ByteString end(String prefix) {
		return bytes(prefix.substring(0, prefix.length() - 1) + (char) (prefix.charAt(prefix.length() - 1) + 1));
	}

}
