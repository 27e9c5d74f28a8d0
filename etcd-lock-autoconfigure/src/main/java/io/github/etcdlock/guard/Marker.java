package io.github.etcdlock.guard;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnResponse;

/**
 * The key of one guarded write: put with it, so that whoever got no answer can look; or
 * put instead of it, so that it can never be carried out.
 *
 * @param key a key that no other write ever has
 */
record Marker(ByteString key) {

	private static final ByteString WRITTEN = ByteString.copyFromUtf8("written");

	private static final ByteString FORBIDDEN = ByteString.copyFromUtf8("forbidden");

	/** Nobody has put it. */
	Compare absent() {
		return createdAt(this.key, 0);
	}

	static Compare createdAt(ByteString key, long revision) {
		return Compare.newBuilder()
			.setKey(key)
			.setTarget(Compare.CompareTarget.CREATE)
			.setResult(Compare.CompareResult.EQUAL)
			.setCreateRevision(revision)
			.build();
	}

	RequestOp written(long lease) {
		return put(WRITTEN, lease);
	}

	RequestOp forbidden(long lease) {
		return put(FORBIDDEN, lease);
	}

	private RequestOp put(ByteString value, long lease) {
		return RequestOp.newBuilder()
			.setRequestPut(PutRequest.newBuilder().setKey(this.key).setValue(value).setLease(lease))
			.build();
	}

	RequestOp get() {
		return RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(this.key)).build();
	}

	RequestOp delete() {
		return RequestOp.newBuilder().setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(this.key)).build();
	}

	/** Whether an answer shows that the write was carried out. */
	boolean writtenIn(TxnResponse response) {
		return response.getResponsesList()
			.stream()
			.filter(ResponseOp::hasResponseRange)
			.flatMap((range) -> range.getResponseRange().getKvsList().stream())
			.anyMatch((kv) -> kv.getKey().equals(this.key) && kv.getValue().equals(WRITTEN));
	}

}
