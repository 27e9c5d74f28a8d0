package io.github.etcdlock.guard;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RequestOp;
import io.github.etcdlock.LockRequest;

/** What a guarded write does to the caller's keys, at most once to each. */
final class Operations {

	/** Of a transaction: etcd's --max-txn-ops, unless it is told otherwise. */
	private static final int MOST_IN_ETCD = 128;

	/** One is the marker's. */
	private static final int MOST = MOST_IN_ETCD - 1;

	private final ByteString forbidden;

	private final List<RequestOp> all = new ArrayList<>();

	private final Set<ByteString> keys = new HashSet<>();

	Operations(String keyPrefix) {
		this.forbidden = ByteString.copyFromUtf8(keyPrefix + "/");
	}

	void put(ByteSequence key, ByteSequence value, long lease) {
		if (value == null) {
			throw new IllegalArgumentException("Keys and values of a guarded write must not be null");
		}
		this.all.add(RequestOp.newBuilder()
			.setRequestPut(PutRequest.newBuilder()
				.setKey(checked(key))
				.setValue(ByteString.copyFrom(value.getBytes()))
				.setLease(lease))
			.build());
	}

	void delete(ByteSequence key) {
		this.all.add(RequestOp.newBuilder()
			.setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(checked(key)))
			.build());
	}

	private ByteString checked(ByteSequence key) {
		if (key == null || key.isEmpty()) {
			throw new IllegalArgumentException("The key of a guarded write must not be null or empty");
		}
		ByteString bytes = ByteString.copyFrom(key.getBytes());
		String shown = LockRequest.quote(bytes.toStringUtf8());
		if (bytes.startsWith(this.forbidden)) {
			throw new IllegalArgumentException("The key " + shown + " is among those of the locks, under "
					+ LockRequest.quote(this.forbidden.toStringUtf8()) + ": write somewhere else");
		}
		if (!this.keys.add(bytes)) {
			throw new IllegalArgumentException(
					"The key " + shown + " is written twice in one transaction, which etcd does not do");
		}
		if (this.all.size() == MOST) {
			throw new IllegalArgumentException("The key " + shown + " is one too many: a guarded write has at most "
					+ MOST + " puts and deletes, for etcd carries out " + MOST_IN_ETCD
					+ " in one transaction, and one of them shows that it was carried out");
		}
		return bytes;
	}

	void checkNotEmpty() {
		if (this.all.isEmpty()) {
			throw new IllegalStateException("There is nothing to write: put or delete something first");
		}
	}

	List<RequestOp> all() {
		return this.all;
	}

	/** How many others fit into the same transaction. */
	int room() {
		return MOST - this.all.size();
	}

}
