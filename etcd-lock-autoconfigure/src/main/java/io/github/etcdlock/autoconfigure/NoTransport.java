package io.github.etcdlock.autoconfigure;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import io.etcd.jetcd.api.TxnRequest;
import io.github.etcdlock.guard.EtcdTransport;

/**
 * For a guard where there is no etcd: it refuses the locks of this process itself, so
 * nothing ever comes here.
 */
record NoTransport(String keyPrefix) implements EtcdTransport {

	@Override
	public Duration patience() {
		return Duration.ZERO;
	}

	@Override
	public CompletableFuture<Long> lease() {
		return CompletableFuture.failedFuture(refusal());
	}

	@Override
	public CompletableFuture<Answer> transact(TxnRequest request) {
		return CompletableFuture.failedFuture(refusal());
	}

	private static IllegalStateException refusal() {
		return new IllegalStateException("Nothing can be written to etcd: etcd-lock.enabled=false");
	}

}
