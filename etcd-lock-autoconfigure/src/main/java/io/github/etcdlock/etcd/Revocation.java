package io.github.etcdlock.etcd;

import java.util.Optional;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.github.etcdlock.LockRequest;

/**
 * A request to a holder to give up a lock: names the key and its revision, so that it
 * never meets a later holder, and lives as long as the holder's lease.
 *
 * @param key the ownership key
 * @param revision its create revision
 */
record Revocation(ByteString key, long revision) {

	static Revocation of(String ownershipKey, long revision) {
		if (!ownershipKey.matches(".*/[0-9a-f]{1,16}-[0-9a-f]+")) {
			throw new IllegalArgumentException("Not an ownership key of a lock: " + LockRequest.quote(ownershipKey));
		}
		return new Revocation(ByteString.copyFromUtf8(ownershipKey), revision);
	}

	static Optional<Revocation> parse(ByteString value) {
		String text = value.toStringUtf8();
		int space = text.indexOf(' ');
		try {
			return Optional.of(new Revocation(ByteString.copyFromUtf8(text.substring(space + 1)),
					Long.parseLong(text.substring(0, Math.max(space, 0)))));
		}
		catch (NumberFormatException ex) {
			return Optional.empty();
		}
	}

	/** The lease the key hangs on, which is part of its name. */
	long lease() {
		String name = this.key.toStringUtf8();
		int begin = name.lastIndexOf('/') + 1;
		return Long.parseUnsignedLong(name.substring(begin, name.indexOf('-', begin)), 16);
	}

	/** Asks the holder, if it is still the holder. */
	TxnRequest ask(KeySpace keys) {
		String name = this.key.toStringUtf8();
		ByteString request = keys.session(lease())
			.concat(ByteString.copyFromUtf8("revoke/" + name.substring(name.lastIndexOf('/') + 1)));
		return TxnRequest.newBuilder()
			.addCompare(held())
			.addSuccess(RequestOp.newBuilder()
				.setRequestPut(PutRequest.newBuilder()
					.setKey(request)
					.setValue(ByteString.copyFromUtf8(this.revision + " " + name))
					.setLease(lease())))
			.build();
	}

	/** Takes the lock from the holder, if it is still the holder. */
	TxnRequest force() {
		return TxnRequest.newBuilder().addCompare(held()).addSuccess(Slot.delete(this.key)).build();
	}

	private Compare held() {
		return Slot.createdAt(this.key, this.revision);
	}

}
