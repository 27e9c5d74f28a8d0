package io.github.etcdlock.etcd;

import java.util.List;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import org.jspecify.annotations.Nullable;

/** The transactions a place is put, changed and ended with. */
final class PlaceRequests {

	/**
	 * The value of a key in shared mode; with any other, also of others, it is exclusive.
	 */
	static final ByteString SHARED = ByteString.copyFromUtf8("shared");

	private final List<Slot> slots;

	private final KeySpace keys;

	private final Session session;

	private final long serial;

	PlaceRequests(List<Slot> slots, KeySpace keys, Session session, long serial) {
		this.slots = slots;
		this.keys = keys;
		this.session = session;
		this.serial = serial;
	}

	/**
	 * Puts the keys and reads the lines, together with the end of the place it follows,
	 * if any.
	 */
	TxnRequest take(Admission admission, @Nullable TxnRequest end) {
		TxnRequest.Builder take = unlessEnded();
		if (end != null) {
			take.mergeFrom(end);
		}
		this.slots.forEach((slot) -> take.addCompare(slot.createdAt(0)).addSuccess(put(slot, admission)));
		this.slots.forEach((slot) -> take
			.addSuccess(RequestOp.newBuilder().setRequestRange(line(slot).setKeysOnly(admission.mindsAll()))));
		return take.build();
	}

	/** Puts the keys if nobody is in the way; else changes nothing. */
	TxnRequest tryTake(Admission admission) {
		TxnRequest.Builder take = unlessEnded();
		for (Slot slot : this.slots) {
			take.addCompare(Compare.newBuilder(Slot.createdAt(slot.line().prefix(), 0)).setRangeEnd(slot.line().end()))
				.addSuccess(put(slot, admission));
		}
		if (admission == LockAdmission.SHARED && this.slots.size() == 1) {
			Slot slot = this.slots.get(0);
			take.addFailure(RequestOp.newBuilder()
				.setRequestTxn(unlessEnded()
					.addCompare(Compare.newBuilder()
						.setKey(slot.line().prefix())
						.setRangeEnd(slot.line().end())
						.setTarget(Compare.CompareTarget.VALUE)
						.setResult(Compare.CompareResult.EQUAL)
						.setValue(SHARED))
					.addSuccess(put(slot, admission))));
		}
		return take.build();
	}

	/** Puts the keys if no line has changed, but for deletions, since a revision. */
	TxnRequest takeUnlessChanged(Admission admission, long since) {
		TxnRequest.Builder take = unlessEnded();
		for (Slot slot : this.slots) {
			take.addCompare(Compare.newBuilder()
				.setKey(slot.line().prefix())
				.setRangeEnd(slot.line().end())
				.setTarget(Compare.CompareTarget.MOD)
				.setResult(Compare.CompareResult.LESS)
				.setModRevision(since + 1)).addSuccess(put(slot, admission));
		}
		return take.build();
	}

	/** Reads every line. */
	TxnRequest read() {
		TxnRequest.Builder read = TxnRequest.newBuilder();
		this.slots.forEach((slot) -> read.addSuccess(RequestOp.newBuilder().setRequestRange(line(slot))));
		return read.build();
	}

	/** Reads one line up to our key, or only our key. */
	RangeRequest read(Slot slot, long revision, boolean onlyOurs, Admission admission) {
		if (onlyOurs) {
			return RangeRequest.newBuilder().setKey(slot.key()).setKeysOnly(true).build();
		}
		return line(slot).setMaxCreateRevision(revision).setKeysOnly(admission.mindsAll()).build();
	}

	/** Deletes the keys, if they are still those that were put at this revision. */
	TxnRequest release(long revision) {
		TxnRequest.Builder release = TxnRequest.newBuilder();
		this.slots.forEach((slot) -> release.addCompare(slot.createdAt(revision)).addSuccess(slot.delete()));
		return release.build();
	}

	/** Makes exclusive keys shared ones, in their place. */
	TxnRequest downgrade(long revision) {
		TxnRequest.Builder downgrade = TxnRequest.newBuilder();
		this.slots.forEach(
				(slot) -> downgrade.addCompare(slot.createdAt(revision)).addSuccess(put(slot, LockAdmission.SHARED)));
		return downgrade.build();
	}

	/** Puts keys on another lease, in their place and with the value they have. */
	TxnRequest move(long revision, Admission admission, long lease) {
		TxnRequest.Builder move = TxnRequest.newBuilder();
		this.slots.forEach((slot) -> move.addCompare(slot.createdAt(revision)).addSuccess(put(slot, admission, lease)));
		return move.build();
	}

	ByteString tombstone() {
		return this.keys.tombstone(this.session.nameOf(Long.toHexString(this.serial)));
	}

	private TxnRequest.Builder unlessEnded() {
		return TxnRequest.newBuilder().addCompare(Slot.createdAt(tombstone(), 0));
	}

	/** Always with the lease: a put without it would take the key off the lease. */
	private RequestOp put(Slot slot, Admission admission) {
		return put(slot, admission, this.session.lease());
	}

	private static RequestOp put(Slot slot, Admission admission, long lease) {
		PutRequest put = PutRequest.newBuilder().setKey(slot.key()).setLease(lease).setValue(admission.value()).build();
		return RequestOp.newBuilder().setRequestPut(put).build();
	}

	private static RangeRequest.Builder line(Slot slot) {
		return RangeRequest.newBuilder().setKey(slot.line().prefix()).setRangeEnd(slot.line().end());
	}

}
