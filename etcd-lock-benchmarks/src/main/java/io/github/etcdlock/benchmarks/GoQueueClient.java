package io.github.etcdlock.benchmarks;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;

/**
 * The requests of {@code Queue} in {@code contrib/recipes} of etcd's Go client, sent
 * through the plain gRPC stubs: a key of the present time is put if it is not there; the
 * first key is read, and deleted if it is still as it was, else all begins again.
 */
final class GoQueueClient implements QueueClient {

	private static final ByteString VALUE = ByteString.copyFromUtf8(ITEM);

	private final EtcdChannel etcd;

	GoQueueClient(String address) {
		this.etcd = new EtcdChannel(address);
	}

	private static String prefix(String queue) {
		return "/bench/go/" + queue + "/";
	}

	@Override
	public void offer(String queue) throws Exception {
		ByteString key;
		do {
			key = EtcdChannel.bytes(prefix(queue) + System.nanoTime());
		}
		while (!committed(TxnRequest.newBuilder()
			.addCompare(Compare.newBuilder()
				.setKey(key)
				.setTarget(Compare.CompareTarget.VERSION)
				.setResult(Compare.CompareResult.EQUAL)
				.setVersion(0))
			.addSuccess(RequestOp.newBuilder().setRequestPut(PutRequest.newBuilder().setKey(key).setValue(VALUE)))));
	}

	@Override
	public void take(String queue) throws Exception {
		KeyValue first;
		do {
			first = first(prefix(queue));
		}
		while (!committed(TxnRequest.newBuilder()
			.addCompare(Compare.newBuilder()
				.setKey(first.getKey())
				.setTarget(Compare.CompareTarget.MOD)
				.setResult(Compare.CompareResult.EQUAL)
				.setModRevision(first.getModRevision()))
			.addSuccess(RequestOp.newBuilder().setRequestDeleteRange(EtcdChannel.delete(first.getKey())))));
	}

	private KeyValue first(String prefix) throws Exception {
		return this.etcd.keys()
			.range(RangeRequest.newBuilder()
				.setKey(EtcdChannel.bytes(prefix))
				.setRangeEnd(EtcdChannel.bytes(prefix.substring(0, prefix.length() - 1) + "0"))
				.setSortTarget(RangeRequest.SortTarget.CREATE)
				.setSortOrder(RangeRequest.SortOrder.ASCEND)
				.setLimit(1)
				.build())
			.get()
			.getKvs(0);
	}

	private boolean committed(TxnRequest.Builder request) throws Exception {
		return this.etcd.keys().txn(request.build()).get().getSucceeded();
	}

	@Override
	public void close() {
		this.etcd.close();
	}

}
