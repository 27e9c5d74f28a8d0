package io.github.etcdlock.etcd;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RequestOp;
import org.jspecify.annotations.Nullable;

/**
 * A place's key in one line, and what stands ahead of it there as far as is known: what a
 * read has shown, less what has been deleted since.
 */
final class Slot {

	/**
	 * With twice as many ahead, only the key with so many behind it and before us is
	 * watched: a line is not told of each of its changes as often as it is long.
	 */
	static final int NEAR = 64;

	private final WaitLine line;

	private final ByteString key;

	/** What they say, by key. */
	private Map<ByteString, ByteString> ahead = Map.of();

	/** Stands so far ahead that nothing before its end concerns us; null if none does. */
	private @Nullable ByteString far;

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
	void read(List<KeyValue> line, long createRevision, long revision, Admission admission) {
		this.base = revision;
		Map<ByteString, ByteString> before = Map.of();
		for (KeyValue other : line) {
			if (other.getCreateRevision() < createRevision && admission.minds(other.getValue())) {
				if (before.isEmpty()) {
					before = new HashMap<>();
				}
				before.put(other.getKey(), other.getValue());
			}
		}
		this.ahead = before;
		this.far = (admission.mindsAll() && before.size() >= 2 * NEAR) ? far(line, before.keySet()) : null;
	}

	/** The one with {@link #NEAR} of those ahead behind it. */
	private static ByteString far(List<KeyValue> line, Set<ByteString> ahead) {
		return line.stream()
			.filter((other) -> ahead.contains(other.getKey()))
			.sorted(Comparator.comparingLong(KeyValue::getCreateRevision).reversed())
			.skip(NEAR)
			.findFirst()
			.orElseThrow()
			.getKey();
	}

	/** Another key is gone, or does not count any more. */
	void changed(WaitLine.Change change, Admission admission) {
		if (!this.ahead.isEmpty() && (change.deleted() || !admission.minds(change.value()))) {
			this.ahead.remove(change.key());
			if (change.key().equals(this.far)) {
				this.far = null;
			}
		}
	}

	/**
	 * The only key of the line to be watched as long as it is there; null if the whole
	 * line is to be watched.
	 */
	@Nullable ByteString far() {
		return this.far;
	}

	boolean admitted(Admission admission) {
		return admission.admitted(this.ahead.values());
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
