package io.github.etcdlock.etcd;

import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import org.jspecify.annotations.Nullable;

/**
 * The last round of a double barrier that is complete: whoever's key was created in it,
 * or before it, may go. A round is never taken back and is of no account to the next one,
 * so its key may outlive everybody.
 *
 * @param first the create revision of the first party's key
 * @param last the create revision of the last party's key
 * @param revision when it was put, or 0 if no round was complete ever
 */
record Round(long first, long last, long revision) {

	static final Round NONE = new Round(0, 0, 0);

	private static final ByteString NAME = ByteString.copyFromUtf8("round");

	static Round read(ByteString prefix, NavigableMap<ByteString, KeyValue> entries) {
		KeyValue round = entries.get(prefix.concat(NAME));
		if (round == null) {
			return NONE;
		}
		String[] bounds = round.getValue().toStringUtf8().split(" ");
		return new Round(Long.parseLong(bounds[0]), Long.parseLong(bounds[1]), round.getModRevision());
	}

	/** Whether a party whose key was created then may go. */
	boolean released(long party) {
		return party <= this.last;
	}

	/**
	 * Those who make up the next round, in order, or null while there are not enough.
	 */
	@Nullable List<KeyValue> next(ByteString prefix, NavigableMap<ByteString, KeyValue> entries, int parties) {
		List<KeyValue> waiting = entries.values()
			.stream()
			.filter((entry) -> entry.getCreateRevision() > this.last && isParty(prefix, entry))
			.sorted(Comparator.comparingLong(KeyValue::getCreateRevision))
			.limit(parties)
			.toList();
		return (waiting.size() == parties) ? waiting : null;
	}

	/**
	 * Completes the next round, if all of its parties are there and nobody has done so.
	 */
	TxnRequest complete(ByteString prefix, List<KeyValue> next) {
		ByteString key = prefix.concat(NAME);
		TxnRequest.Builder complete = TxnRequest.newBuilder().addCompare(unchanged(key, this.revision));
		next.forEach((party) -> complete.addCompare(unchanged(party.getKey(), party.getCreateRevision())));
		String bounds = next.get(0).getCreateRevision() + " " + next.get(next.size() - 1).getCreateRevision();
		return complete
			.addSuccess(RequestOp.newBuilder()
				.setRequestPut(PutRequest.newBuilder().setKey(key).setValue(ByteString.copyFromUtf8(bounds))))
			.build();
	}

	/**
	 * Lets a party give up, if this is still the last round: its key is put once more,
	 * and so counts no longer. Else, or if its key is gone, what is there now.
	 */
	TxnRequest giveUp(ByteString prefix, ByteString party) {
		ByteString key = prefix.concat(NAME);
		return TxnRequest.newBuilder()
			.addCompare(unchanged(key, this.revision))
			.addCompare(Slot.createdAt(party, 0).toBuilder().setResult(Compare.CompareResult.GREATER))
			.addSuccess(RequestOp.newBuilder()
				.setRequestPut(PutRequest.newBuilder().setKey(party).setIgnoreValue(true).setIgnoreLease(true)))
			.addFailure(RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(key)))
			.addFailure(RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(party)))
			.build();
	}

	private static Compare unchanged(ByteString key, long revision) {
		return Compare.newBuilder()
			.setKey(key)
			.setTarget(Compare.CompareTarget.MOD)
			.setResult(Compare.CompareResult.EQUAL)
			.setModRevision(revision)
			.build();
	}

	/** Whether it is the key of a party that has not given up. */
	private static boolean isParty(ByteString prefix, KeyValue entry) {
		return !entry.getKey().equals(prefix.concat(NAME)) && entry.getModRevision() == entry.getCreateRevision();
	}

	/** Whether somebody who went with this party has not left. */
	boolean someoneInside(ByteString prefix, NavigableMap<ByteString, KeyValue> entries, long party) {
		long from = (party >= this.first) ? this.first : 0;
		long to = (party >= this.first) ? this.last : this.first - 1;
		return entries.values()
			.stream()
			.anyMatch((entry) -> entry.getCreateRevision() >= from && entry.getCreateRevision() <= to
					&& isParty(prefix, entry));
	}

}
