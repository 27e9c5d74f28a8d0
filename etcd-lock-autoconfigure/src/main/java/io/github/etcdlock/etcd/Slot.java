package io.github.etcdlock.etcd;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RequestOp;
import io.github.etcdlock.LockMode;

/**
 * A place's key in one line, and what stands ahead of it there as far as is known: what a
 * read has shown, less what has been deleted since.
 */
final class Slot {

	private final WaitLine line;

	private final ByteString key;

	private Set<ByteString> ahead = Set.of();

	/** The revision of the read. */
	private long base;

	private boolean reading;

	Slot(WaitLine line, String place) {
		this.line = line;
		this.key = line.prefix().concat(ByteString.copyFromUtf8(place));
	}

	WaitLine line() {
		return this.line;
	}

	ByteString key() {
		return this.key;
	}

	long base() {
		return this.base;
	}

	/** Takes over what a read of the line has shown. */
	void read(List<KeyValue> line, long createRevision, long revision, LockMode mode) {
		this.base = revision;
		Set<ByteString> before = Set.of();
		for (KeyValue other : line) {
			boolean inTheWay = mode == LockMode.EXCLUSIVE || !other.getValue().equals(PlaceRequests.SHARED);
			if (inTheWay && other.getCreateRevision() < createRevision) {
				if (before.isEmpty()) {
					before = new HashSet<>();
				}
				before.add(other.getKey());
			}
		}
		this.ahead = before;
	}

	/** Another key is gone, or in nobody's way any more who only wants to share. */
	void changed(WaitLine.Change change, LockMode mode) {
		if (!this.ahead.isEmpty() && (change.deleted() || (mode == LockMode.SHARED && change.shared()))) {
			this.ahead.remove(change.key());
		}
	}

	boolean first() {
		return this.ahead.isEmpty();
	}

	boolean reading() {
		return this.reading;
	}

	void reading(boolean reading) {
		this.reading = reading;
	}

	// What etcd is asked with

	Compare createdAt(long revision) {
		return createdAt(this.key, revision);
	}

	static Compare createdAt(ByteString key, long revision) {
		return Compare.newBuilder()
			.setKey(key)
			.setTarget(Compare.CompareTarget.CREATE)
			.setResult(Compare.CompareResult.EQUAL)
			.setCreateRevision(revision)
			.build();
	}

	RequestOp delete() {
		return delete(this.key);
	}

	static RequestOp delete(ByteString key) {
		return RequestOp.newBuilder().setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key)).build();
	}

}
