package io.github.etcdlock.chaos;

import java.util.concurrent.CompletionException;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.chaos.Event.Kind;

/** Broken on purpose: writes what was read under a lock, without a guard. */
final class Unguarded extends EngineLocks {

	Unguarded(Site site) {
		super(site);
	}

	@Override
	public Ledger etcdLedger() {
		return new EtcdLedger(guardedWrites()) {

			@Override
			Kind write(LockHandle lock, String entry, String next) {
				TxnRequest both = TxnRequest.newBuilder()
					.addSuccess(put(COUNT, next))
					.addSuccess(put(entry, next))
					.build();
				try {
					this.etcd.transact(both).join();
				}
				catch (CompletionException ex) {
					return Kind.UNSURE;
				}
				return Kind.WRITTEN;
			}

		};
	}

	private static RequestOp put(String key, String value) {
		return RequestOp.newBuilder()
			.setRequestPut(PutRequest.newBuilder()
				.setKey(ByteString.copyFromUtf8(key))
				.setValue(ByteString.copyFromUtf8(value)))
			.build();
	}

}
