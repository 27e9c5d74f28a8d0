package io.github.etcdlock.etcd;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrantResponse;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseRevokeResponse;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * The only class that asks etcd for answers. Every request has a deadline, moves on to
 * the next member when one does not answer, and says of a failure whether it may have
 * taken effect. Answers come on gRPC's threads and must be taken quickly.
 */
final class Store {

	private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(20);

	private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(200);

	private final Members members;

	private final AuthToken token;

	private final Timers timers;

	private final Clock clock;

	private final long requestTimeout;

	private final AtomicLong newestRevision = new AtomicLong();

	private volatile Runnable whenStoreWentBack = () -> {
	};

	/** Who is told that what is to be sent again will not be. */
	private final Set<Runnable> pauses = ConcurrentHashMap.newKeySet();

	private volatile boolean closed;

	Store(Members members, AuthToken token, Timers timers, Clock clock, long requestTimeout) {
		this.members = members;
		this.token = token;
		this.timers = timers;
		this.clock = clock;
		this.requestTimeout = requestTimeout;
	}

	/** Is told when etcd answers with a revision older than one it has shown before. */
	void whenStoreWentBack(Runnable action) {
		this.whenStoreWentBack = action;
	}

	/** A deadline for one operation, with its repetitions, that begins now. */
	long deadline() {
		return this.clock.nanos() + this.requestTimeout;
	}

	/** One attempt at a transaction, so that half of the time is left for another. */
	void txn(TxnRequest request, long deadline, Consumer<TxnResponse> answered, Consumer<EtcdFailure> failed) {
		new Attempt<>(KVGrpc.getTxnMethod(), request, Store::revision, answered, failed).start(deadline);
	}

	/** Repeats a transaction that may safely be carried out twice. */
	void repeatTxn(TxnRequest request, long deadline, Consumer<TxnResponse> answered, Consumer<EtcdFailure> failed) {
		repeat(KVGrpc.getTxnMethod(), request, Store::revision, deadline, answered, failed);
	}

	void range(RangeRequest request, long deadline, Consumer<RangeResponse> answered, Consumer<EtcdFailure> failed) {
		repeat(KVGrpc.getRangeMethod(), request, (response) -> response.getHeader().getRevision(), deadline, answered,
				failed);
	}

	/** One attempt at a read, which a frozen or faulty etcd answers with the reason. */
	void probe(RangeRequest request, long deadline, Consumer<RangeResponse> answered, Consumer<EtcdFailure> failed) {
		new Attempt<>(KVGrpc.getRangeMethod(), request, (response) -> response.getHeader().getRevision(), answered,
				failed)
			.start(deadline);
	}

	/** One attempt: the lease counts from when the answered request was sent. */
	void grant(LeaseGrantRequest request, long deadline, Consumer<LeaseGrantResponse> answered,
			Consumer<EtcdFailure> failed) {
		new Attempt<>(LeaseGrpc.getLeaseGrantMethod(), request, (response) -> Long.MAX_VALUE, answered, failed)
			.start(deadline);
	}

	void revoke(long lease, long deadline, Consumer<LeaseRevokeResponse> answered, Consumer<EtcdFailure> failed) {
		repeat(LeaseGrpc.getLeaseRevokeMethod(), LeaseRevokeRequest.newBuilder().setID(lease).build(),
				(response) -> Long.MAX_VALUE, deadline, answered, failed);
	}

	void timeToLive(long lease, long deadline, Consumer<LeaseTimeToLiveResponse> answered,
			Consumer<EtcdFailure> failed) {
		repeat(LeaseGrpc.getLeaseTimeToLiveMethod(), LeaseTimeToLiveRequest.newBuilder().setID(lease).build(),
				(response) -> Long.MAX_VALUE, deadline, answered, failed);
	}

	void keysOf(long lease, long deadline, Consumer<LeaseTimeToLiveResponse> answered, Consumer<EtcdFailure> failed) {
		repeat(LeaseGrpc.getLeaseTimeToLiveMethod(),
				LeaseTimeToLiveRequest.newBuilder().setID(lease).setKeys(true).build(), (response) -> Long.MAX_VALUE,
				deadline, answered, failed);
	}

	/** Makes another attempt after a pause, unless this is closed before. */
	void again(long pause, Runnable attempt, Runnable tooLate) {
		this.pauses.add(tooLate);
		this.timers.after(pause, () -> {
			if (this.pauses.remove(tooLate)) {
				attempt.run();
			}
		});
		if (this.closed) {
			endPauses();
		}
	}

	void close() {
		this.closed = true;
		endPauses();
	}

	private void endPauses() {
		for (Runnable tooLate : this.pauses) {
			if (this.pauses.remove(tooLate)) {
				tooLate.run();
			}
		}
	}

	private static long revision(TxnResponse response) {
		return response.getHeader().getRevision();
	}

	private <Q, A> void repeat(MethodDescriptor<Q, A> method, Q request, ToLongFunction<A> revision, long deadline,
			Consumer<A> answered, Consumer<EtcdFailure> failed) {
		new Repetition<>(method, request, revision, deadline, answered, failed).next();
	}

	/** How long to pause before the given repetition, counted from zero. */
	long pause(int repetition) {
		int round = repetition - this.members.count() + 1;
		return (round < 0) ? 0 : Math.min(LONGEST_PAUSE, PAUSE << Math.min(round, 10));
	}

	/** A request that is sent again until it is answered, refused, or out of time. */
	private final class Repetition<Q, A> {

		private final MethodDescriptor<Q, A> method;

		private final Q request;

		private final ToLongFunction<A> revision;

		private final long deadline;

		private final Consumer<A> answered;

		private final Consumer<EtcdFailure> failed;

		private int repetition;

		private @Nullable EtcdFailure before;

		Repetition(MethodDescriptor<Q, A> method, Q request, ToLongFunction<A> revision, long deadline,
				Consumer<A> answered, Consumer<EtcdFailure> failed) {
			this.method = method;
			this.request = request;
			this.revision = revision;
			this.deadline = deadline;
			this.answered = answered;
			this.failed = failed;
		}

		void next() {
			new Attempt<>(this.method, this.request, this.revision, this.answered, this::again).start(this.deadline);
		}

		private void again(EtcdFailure last) {
			EtcdFailure failure = (this.before != null) ? last.after(this.before) : last;
			this.before = failure;
			long pause = pause(this.repetition++);
			if (!failure.passing() || Store.this.clock.nanos() + pause >= this.deadline || Store.this.closed) {
				this.failed.accept(failure);
			}
			else if (pause == 0) {
				next();
			}
			else {
				Store.this.again(pause, this::next, () -> this.failed.accept(failure));
			}
		}

	}

	/** One call, repeated only when etcd has refused our token. */
	private final class Attempt<Q, A> extends ClientCall.Listener<A> {

		private final MethodDescriptor<Q, A> method;

		private final Q request;

		private final ToLongFunction<A> revision;

		private final Consumer<A> answered;

		private final Consumer<EtcdFailure> failed;

		private final Sending sending = new Sending();

		private long deadline;

		private boolean tokenRenewed;

		private @Nullable String usedToken;

		private @Nullable Member member;

		private long revisionBefore;

		private @Nullable A answer;

		Attempt(MethodDescriptor<Q, A> method, Q request, ToLongFunction<A> revision, Consumer<A> answered,
				Consumer<EtcdFailure> failed) {
			this.method = method;
			this.request = request;
			this.revision = revision;
			this.answered = answered;
			this.failed = failed;
		}

		void start(long deadline) {
			this.deadline = deadline;
			if (Store.this.closed) {
				this.failed.accept(EtcdFailure.closed());
			}
			else {
				Store.this.token.get((token) -> {
					this.usedToken = token;
					send();
				}, (failure) -> this.failed.accept(EtcdFailure.of(failure, false)));
			}
		}

		private void send() {
			Member member = Store.this.members.current();
			this.member = member;
			this.revisionBefore = Store.this.newestRevision.get();
			long left = this.deadline - Store.this.clock.nanos();
			if (left <= 0) {
				this.failed.accept(EtcdFailure.unsent());
				return;
			}
			long timeout = Math.min(left, share(left));
			ClientCall<Q, A> call = member.data()
				.newCall(this.method, CallOptions.DEFAULT.withOption(Deadlines.TIMEOUT, timeout)
					.withStreamTracerFactory(this.sending));
			call.start(this, Headers.of(this.usedToken));
			call.request(2);
			call.sendMessage(this.request);
			call.halfClose();
		}

		/** Leaves time for another member, and, if that is silent too, for a third. */
		private long share(long left) {
			long half = Store.this.requestTimeout / 2;
			return (Store.this.members.count() > 1) ? Math.max(Math.min(half, left / 2), half / 4) : half;
		}

		@Override
		public void onMessage(A message) {
			this.answer = message;
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			A answer = this.answer;
			if (status.isOk() && answer != null) {
				if (seen(this.revision.applyAsLong(answer))) {
					this.answered.accept(answer);
				}
				else {
					Store.this.whenStoreWentBack.run();
					this.failed.accept(new EtcdFailure(
							Status.DATA_LOSS.withDescription("etcd was restored to an older state"), true));
				}
				return;
			}
			EtcdFailure failure = new EtcdFailure(status, false);
			if (failure.tokenExpired() && this.usedToken != null && !this.tokenRenewed) {
				this.tokenRenewed = true;
				Store.this.token.refused(this.usedToken);
				start(this.deadline);
				return;
			}
			failure = EtcdFailure.of(status.asRuntimeException(trailers), this.sending.begun);
			if (failure.passing() && this.member != null) {
				Store.this.members.suspect(this.member);
			}
			this.failed.accept(failure);
		}

		private boolean seen(long revision) {
			if (revision == Long.MAX_VALUE) {
				return true;
			}
			if (revision < this.revisionBefore) {
				Store.this.newestRevision.set(revision);
				return false;
			}
			Store.this.newestRevision.accumulateAndGet(revision, Math::max);
			return true;
		}

	}

	/** Notices whether a call was handed to a connection at all. */
	private static final class Sending extends ClientStreamTracer.Factory {

		private volatile boolean begun;

		@Override
		public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
			return new ClientStreamTracer() {

				@Override
				public void streamCreated(io.grpc.Attributes transport, Metadata headers) {
					Sending.this.begun = true;
				}

			};
		}

	}

}
