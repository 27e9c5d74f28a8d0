package io.github.etcdlock.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;

/**
 * A key of the session's that tells what became of one transaction, and then of the next.
 * A transaction needs it as the one before left it, and changes it, so none is carried
 * out twice, nor after it was ended here. Lives on the loop.
 */
final class Marker {

	/** What became of a transaction. */
	enum Fate {

		/** Its operations were carried out. */
		COMMITTED,

		/** Its alternatives were carried out. */
		NOT_COMMITTED,

		/** It was not carried out, and now never will be. */
		ENDED,

		/** Nobody can tell any more. */
		UNKNOWN

	}

	private static final ByteString COMMITTED = ByteString.copyFromUtf8("committed");

	private static final ByteString NOT_COMMITTED = ByteString.copyFromUtf8("not committed");

	private static final ByteString ENDED = ByteString.copyFromUtf8("ended");

	private final Session session;

	private final ByteString key;

	/** When it was last changed; 0 before it was put. */
	private long revision;

	Marker(Session session, ByteString key) {
		this.session = session;
		this.key = key;
	}

	Session session() {
		return this.session;
	}

	/** The transaction, if the marker is as it was left. */
	TxnRequest guard(TxnRequest.Builder request, boolean marksThen, boolean marksElse) {
		if (marksThen) {
			request.addSuccess(put(COMMITTED));
		}
		if (marksElse) {
			request.addFailure(put(NOT_COMMITTED));
		}
		return untouched().addSuccess(RequestOp.newBuilder().setRequestTxn(request)).build();
	}

	/** Ends the transaction if it was not carried out, else reads what became of it. */
	TxnRequest end() {
		return untouched().addSuccess(put(ENDED))
			.addFailure(RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(this.key)))
			.build();
	}

	/** It was changed at this revision. */
	void changed(long revision) {
		this.revision = revision;
	}

	/** What the answer to {@link #end()} says. */
	static Fate fate(TxnResponse response) {
		if (response.getSucceeded()) {
			return Fate.ENDED;
		}
		return response.getResponses(0)
			.getResponseRange()
			.getKvsList()
			.stream()
			.map((marker) -> marker.getValue().equals(COMMITTED) ? Fate.COMMITTED
					: marker.getValue().equals(ENDED) ? Fate.ENDED : Fate.NOT_COMMITTED)
			.findFirst()
			.orElse(Fate.UNKNOWN);
	}

	/** When the marker was last changed, as the answer to {@link #end()} says. */
	static long revision(TxnResponse response) {
		return response.getSucceeded() ? response.getHeader().getRevision()
				: response.getResponses(0).getResponseRange().getKvs(0).getModRevision();
	}

	private TxnRequest.Builder untouched() {
		return TxnRequest.newBuilder()
			.addCompare(Compare.newBuilder()
				.setKey(this.key)
				.setTarget(Compare.CompareTarget.MOD)
				.setResult(Compare.CompareResult.EQUAL)
				.setModRevision(this.revision));
	}

	private RequestOp put(ByteString value) {
		return RequestOp.newBuilder()
			.setRequestPut(PutRequest.newBuilder().setKey(this.key).setValue(value).setLease(this.session.lease()))
			.build();
	}

}
