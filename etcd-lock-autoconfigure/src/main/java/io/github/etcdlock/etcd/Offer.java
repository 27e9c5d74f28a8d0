package io.github.etcdlock.etcd;

import java.util.concurrent.CompletableFuture;

import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;

/** A change of a queue, carried out once, and whether its guard held. */
final class Offer implements Once {

	/** What is new, for those who look at it in this process. */
	interface Done {

		void done(TxnResponse response, long revision);

	}

	private final TxnRequest request;

	private final Done whenDone;

	private final CompletableFuture<Boolean> outcome = new CompletableFuture<>();

	Offer(TxnRequest request, Done whenDone) {
		this.request = request;
		this.whenDone = whenDone;
	}

	CompletableFuture<Boolean> outcome() {
		return this.outcome;
	}

	@Override
	public TxnRequest request(Session session) {
		return this.request;
	}

	@Override
	public void answered(TxnResponse response, long revision) {
		if (response.getSucceeded()) {
			this.whenDone.done(response, revision);
		}
		this.outcome.complete(response.getSucceeded());
	}

	@Override
	public void failed(EtcdFailure failure) {
		this.outcome.completeExceptionally(failure.unanswered());
	}

}
