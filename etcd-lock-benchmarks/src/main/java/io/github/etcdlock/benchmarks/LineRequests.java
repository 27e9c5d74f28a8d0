package io.github.etcdlock.benchmarks;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;

/** The requests that etcd-lock sends for an exclusive lock, with a lease of their own. */
final class LineRequests {

	/** Longer than any run, so that nobody has to renew it. */
	private static final long TTL_SECONDS = 7200;

	private final long lease;

	private final ByteString prefix;

	LineRequests(EtcdChannel etcd) {
		this.lease = LeaseGrpc.newBlockingStub(etcd.channel())
			.leaseGrant(LeaseGrantRequest.newBuilder().setTTL(TTL_SECONDS).build())
			.getID();
		this.prefix = EtcdChannel.bytes("/bench/line/" + Long.toHexString(this.lease) + "/");
	}

	/** Stands in line, unless that was given up, and reads the line. */
	TxnRequest.Builder take(String key, int number) {
		return TxnRequest.newBuilder()
			.addCompare(createdAt(this.prefix.concat(EtcdChannel.bytes(".ended/" + number)), 0))
			.addCompare(createdAt(name(key, number), 0))
			.addSuccess(RequestOp.newBuilder()
				.setRequestPut(PutRequest.newBuilder().setKey(name(key, number)).setLease(this.lease)))
			.addSuccess(RequestOp.newBuilder()
				.setRequestRange(RangeRequest.newBuilder()
					.setKey(line(key, "/"))
					.setRangeEnd(line(key, "0"))
					.setKeysOnly(true)));
	}

	/** Leaves the line, if it still is the one that was put at this revision. */
	TxnRequest release(String key, int number, long revision) {
		return TxnRequest.newBuilder()
			.addCompare(createdAt(name(key, number), revision))
			.addSuccess(RequestOp.newBuilder().setRequestDeleteRange(EtcdChannel.delete(name(key, number))))
			.build();
	}

	private ByteString name(String key, int number) {
		return line(key, "/").concat(EtcdChannel.bytes(Integer.toString(number)));
	}

	private ByteString line(String key, String end) {
		return this.prefix.concat(EtcdChannel.bytes(key + end));
	}

	private static Compare createdAt(ByteString name, long revision) {
		return Compare.newBuilder()
			.setKey(name)
			.setTarget(Compare.CompareTarget.CREATE)
			.setResult(Compare.CompareResult.EQUAL)
			.setCreateRevision(revision)
			.build();
	}

}
