package io.github.etcdlock.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;

/**
 * Where the parts of a work queue are. Values are apart from what is watched, so that
 * consumers are sent only what they take. A claim has the name of the item's key, and
 * hangs on the lease of its consumer: with the claim gone, the item is free again.
 */
final class WorkKeys {

	private static final String USERS = "u-";

	private final ByteString prefix;

	private final ByteString claims;

	private final ByteString dead;

	private final ByteString delayed;

	private final ByteString ready;

	private final ByteString values;

	WorkKeys(ByteString prefix) {
		this.prefix = prefix;
		this.claims = part("claims/");
		this.dead = part("dead/");
		this.delayed = part("delayed/");
		this.ready = part("ready/");
		this.values = part("values/");
	}

	private ByteString part(String name) {
		return this.prefix.concat(ByteString.copyFromUtf8(name));
	}

	ByteString prefix() {
		return this.prefix;
	}

	ByteString claims() {
		return this.claims;
	}

	ByteString dead() {
		return this.dead;
	}

	ByteString delayed() {
		return this.delayed;
	}

	ByteString ready() {
		return this.ready;
	}

	/** A name is the priority and the time: 01000/1732250000000000000-1f. */
	ByteString ready(ByteString name) {
		return this.ready.concat(name);
	}

	ByteString claim(ByteString name) {
		return this.claims.concat(name);
	}

	ByteString delayed(String due, ByteString name) {
		return this.delayed.concat(ByteString.copyFromUtf8(due + "/")).concat(name);
	}

	ByteString value(String id) {
		return this.values.concat(ByteString.copyFromUtf8(id));
	}

	ByteString dead(String id) {
		return this.dead.concat(ByteString.copyFromUtf8(id));
	}

	/** An id of a user's: never one that we give. */
	static String id(String id) {
		return USERS + KeySpace.encode(id);
	}

	/** An id as users see it. */
	static String shown(String id) {
		return id.startsWith(USERS) ? KeySpace.decode(id.substring(USERS.length())) : id;
	}

	// What etcd is asked with

	static RequestOp put(ByteString key, ByteString value) {
		return put(key, value, 0);
	}

	static RequestOp put(ByteString key, ByteString value, long lease) {
		return RequestOp.newBuilder()
			.setRequestPut(PutRequest.newBuilder().setKey(key).setValue(value).setLease(lease))
			.build();
	}

	static RequestOp get(ByteString key) {
		return RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(key)).build();
	}

	static RequestOp count(ByteString prefix) {
		return RequestOp.newBuilder()
			.setRequestRange(
					RangeRequest.newBuilder().setKey(prefix).setRangeEnd(KeySpace.end(prefix)).setCountOnly(true))
			.build();
	}

	static Compare unchanged(ByteString key, long modRevision) {
		return Compare.newBuilder()
			.setKey(key)
			.setTarget(Compare.CompareTarget.MOD)
			.setResult(Compare.CompareResult.EQUAL)
			.setModRevision(modRevision)
			.build();
	}

}
