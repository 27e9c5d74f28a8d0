package io.github.etcdlock.guard;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import io.etcd.jetcd.api.TxnRequest;
import io.github.etcdlock.etcd.GuardedTransactions;
import io.github.etcdlock.etcd.LeaseManager;

/** A guard on an engine, without an application context around it. */
public final class EngineGuard {

	private EngineGuard() {
	}

	/** Its markers hang on the session of that TTL, which may be that of the locks. */
	public static EtcdGuard on(LeaseManager manager, Duration ttl) {
		return new EtcdGuard(transport(manager, ttl));
	}

	public static EtcdTransport transport(LeaseManager manager, Duration ttl) {
		GuardedTransactions transactions = manager.guardedTransactions(ttl);
		return new EtcdTransport() {

			@Override
			public String keyPrefix() {
				return transactions.keyPrefix();
			}

			@Override
			public Duration patience() {
				return transactions.patience();
			}

			@Override
			public CompletableFuture<Long> lease() {
				return transactions.lease();
			}

			@Override
			public CompletableFuture<Answer> transact(TxnRequest request) {
				return transactions.transact(request, Answer::new);
			}

		};
	}

}
