package io.github.etcdlock.autoconfigure;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import io.etcd.jetcd.api.TxnRequest;
import io.github.etcdlock.etcd.GuardedTransactions;
import io.github.etcdlock.guard.EtcdTransport;

/** Guarded writes on the engine's own way to etcd. */
record EngineTransport(GuardedTransactions transactions) implements EtcdTransport {

	@Override
	public String keyPrefix() {
		return this.transactions.keyPrefix();
	}

	@Override
	public Duration patience() {
		return this.transactions.patience();
	}

	@Override
	public CompletableFuture<Long> lease() {
		return this.transactions.lease();
	}

	@Override
	public CompletableFuture<Answer> transact(TxnRequest request) {
		return this.transactions.transact(request, Answer::new);
	}

}
