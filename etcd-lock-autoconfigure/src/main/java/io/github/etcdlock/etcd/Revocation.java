package io.github.etcdlock.etcd;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

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
			throw notOwnership(ownershipKey);
		}
		return new Revocation(ByteString.copyFromUtf8(ownershipKey), revision);
	}

	/** The same, if the key is one that a holder may have. */
	static Revocation of(KeySpace keys, String ownershipKey, long revision) {
		if (!keys.ownership(ownershipKey)) {
			throw notOwnership(ownershipKey);
		}
		return of(ownershipKey, revision);
	}

	private static IllegalArgumentException notOwnership(String key) {
		return new IllegalArgumentException("Not an ownership key of a lock: " + LockRequest.quote(key)
				+ ". Use one of LockHandle.ownershipKeys() of the holder");
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

	/**
	 * Asks the holder, or takes the lock from it.
	 * @param held is told whether it was still the holder
	 * @param failed is told why nobody can say what has become of it
	 */
	void send(Engine engine, boolean force, Consumer<Boolean> held, Consumer<EtcdFailure> failed) {
		send(engine, force ? force() : ask(engine.keys()), engine.store().deadline(), List.of(), held, failed);
	}

	private void send(Engine engine, TxnRequest request, long deadline, List<EtcdFailure> before,
			Consumer<Boolean> held, Consumer<EtcdFailure> failed) {
		engine.store().txn(request, deadline, (response) -> {
			Optional<EtcdFailure> unheard = before.stream().filter(EtcdFailure::applied).findFirst();
			if (response.getSucceeded() || unheard.isEmpty()) {
				held.accept(response.getSucceeded());
			}
			else {
				// What is gone may be gone by an attempt whose answer was lost.
				failed.accept(unheard.get());
			}
		}, (failure) -> {
			long pause = engine.store().pause(before.size());
			if (failure.passing() && engine.clock().nanos() + pause < deadline) {
				List<EtcdFailure> all = Stream.concat(before.stream(), Stream.of(failure)).toList();
				engine.store()
					.again(pause, () -> send(engine, request, deadline, all, held, failed),
							() -> failed.accept(failure));
			}
			else {
				failed.accept(failure);
			}
		});
	}

	/**
	 * Asks the holder, if it is still the holder. Other keys of the session may have the
	 * same name in other lines, so the whole key says which one is meant.
	 */
	private TxnRequest ask(KeySpace keys) {
		String name = this.key.toStringUtf8();
		ByteString request = keys.session(lease()).concat(ByteString.copyFromUtf8("revoke/" + KeySpace.encode(name)));
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
	private TxnRequest force() {
		return TxnRequest.newBuilder().addCompare(held()).addSuccess(Slot.delete(this.key)).build();
	}

	private Compare held() {
		return Slot.createdAt(this.key, this.revision);
	}

}
