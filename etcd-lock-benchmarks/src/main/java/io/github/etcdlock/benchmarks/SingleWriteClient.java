package io.github.etcdlock.benchmarks;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;

/**
 * No lock at all: one guarded transaction after the other, each of which deletes the key
 * of the one before and puts a new one. A lock that writes at each hand-over inside a
 * process cannot be faster.
 */
final class SingleWriteClient implements LockClient {

	private final EtcdChannel etcd;

	private ByteString mine = EtcdChannel.bytes("/bench/single/none");

	private long sequence;

	private long revision;

	SingleWriteClient(String address) {
		this.etcd = new EtcdChannel(address);
	}

	@Override
	public Held lock(String key) throws Exception {
		ByteString next = EtcdChannel.bytes("/bench/single/" + key + "/" + this.sequence++);
		TxnResponse response = this.etcd.keys().txn(handOver(this.mine, next)).get();
		if (!response.getSucceeded()) {
			throw new IllegalStateException("Somebody else wrote " + this.mine.toStringUtf8());
		}
		this.mine = next;
		this.revision = response.getHeader().getRevision();
		return () -> {
		};
	}

	private TxnRequest handOver(ByteString before, ByteString after) {
		return TxnRequest.newBuilder()
			.addCompare(Compare.newBuilder()
				.setKey(before)
				.setTarget(Compare.CompareTarget.CREATE)
				.setResult(Compare.CompareResult.EQUAL)
				.setCreateRevision(this.revision))
			.addSuccess(RequestOp.newBuilder().setRequestDeleteRange(EtcdChannel.delete(before)))
			.addSuccess(RequestOp.newBuilder().setRequestPut(EtcdChannel.put(after)))
			.build();
	}

	@Override
	public void close() {
		this.etcd.close();
	}

}
