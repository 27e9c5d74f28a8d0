package io.github.etcdlock.guard;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;

/** A way to a real etcd that loses what it is told to lose. */
final class LossyTransport implements EtcdTransport {

	/** What becomes of a transaction. */
	enum Fate {

		/** It is carried out and answered. */
		DELIVERED,

		/** It is carried out, and nobody learns of it. */
		ANSWER_LOST,

		/** It stays on its way until {@link LossyTransport#deliverLate()}. */
		DELAYED

	}

	private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

	private final EtcdTransport way;

	private final List<TxnRequest> delayed = new ArrayList<>();

	private Fate next = Fate.DELIVERED;

	private long leaseChange;

	private CompletableFuture<Void> leaseNext = DONE;

	LossyTransport(EtcdTransport way) {
		this.way = way;
	}

	/** Decides the next transaction's fate. */
	void next(Fate fate) {
		this.next = fate;
	}

	/** From now on the lease is another one. */
	void changeLease() {
		this.leaseChange = -1;
	}

	/** Lets the next one who asks for the lease wait for it, until this is run. */
	Runnable delayLease() {
		CompletableFuture<Void> delay = new CompletableFuture<>();
		this.leaseNext = delay;
		return () -> delay.complete(null);
	}

	/** What was delayed arrives now; what etcd says to it. */
	List<TxnResponse> deliverLate() {
		return this.delayed.stream().map((request) -> this.way.transact(request).join().response()).toList();
	}

	@Override
	public String keyPrefix() {
		return this.way.keyPrefix();
	}

	@Override
	public Duration patience() {
		return this.way.patience();
	}

	@Override
	public CompletableFuture<Long> lease() {
		CompletableFuture<Void> delay = this.leaseNext;
		this.leaseNext = DONE;
		return (this.leaseChange == 0) ? delay.thenCompose((late) -> this.way.lease())
				: CompletableFuture.completedFuture(0L);
	}

	@Override
	public CompletableFuture<Answer> transact(TxnRequest request) {
		Fate fate = this.next;
		this.next = Fate.DELIVERED;
		return switch (fate) {
			case DELIVERED -> this.way.transact(request);
			case ANSWER_LOST -> this.way.transact(request).thenApply((answer) -> new Answer(null, true));
			case DELAYED -> {
				this.delayed.add(request);
				yield CompletableFuture.completedFuture(new Answer(null, true));
			}
		};
	}

}
