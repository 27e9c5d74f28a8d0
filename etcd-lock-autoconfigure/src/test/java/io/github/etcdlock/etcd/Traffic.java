package io.github.etcdlock.etcd;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;

import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * Sees every message of a lock manager to etcd, and holds or loses those that a test
 * chooses.
 */
final class Traffic implements ClientInterceptor {

	private final Queue<Object> sent = new ConcurrentLinkedQueue<>();

	private final List<Fault> faults = new CopyOnWriteArrayList<>();

	private final List<Call<?, ?>> streams = new CopyOnWriteArrayList<>();

	private final AtomicInteger watchStreams = new AtomicInteger();

	private final List<Metadata> renewalStreams = new CopyOnWriteArrayList<>();

	private final Gate watchEvents = new Gate();

	private final Gate renewals = new Gate();

	// What was sent

	/** The messages of a kind that were sent so far, those that a fault met included. */
	<T> List<T> sent(Class<T> type) {
		return this.sent.stream().filter(type::isInstance).map(type::cast).toList();
	}

	/** Every watch that was asked for. */
	List<WatchCreateRequest> watches() {
		return sent(WatchRequest.class).stream()
			.filter(WatchRequest::hasCreateRequest)
			.map(WatchRequest::getCreateRequest)
			.toList();
	}

	/** The requests of the given kind among those sent. */
	long count(Predicate<Object> which) {
		return this.sent.stream().filter(which).count();
	}

	/** How many requests other than renewals and for watches were sent. */
	long requests() {
		return count((message) -> message instanceof TxnRequest || message instanceof RangeRequest);
	}

	/** The leases that were renewed since {@link #forget()}. */
	List<Long> renewedLeases() {
		return sent(LeaseKeepAliveRequest.class).stream().map(LeaseKeepAliveRequest::getID).distinct().toList();
	}

	int watchStreams() {
		return this.watchStreams.get();
	}

	/** The headers of every renewal stream. */
	List<Metadata> renewalStreams() {
		return this.renewalStreams;
	}

	/** Counts from zero again. */
	void forget() {
		this.sent.clear();
	}

	// What goes wrong

	Fault fault(Fault.Kind kind, Predicate<Object> which) {
		Fault fault = new Fault(kind, which);
		this.faults.add(fault);
		return fault;
	}

	/** The events and confirmations on the watch stream. */
	Gate watchEvents() {
		return this.watchEvents;
	}

	/** The answers to renewals. */
	Gate renewals() {
		return this.renewals;
	}

	/**
	 * Loses every event that comes on the present watch stream from now on, to its end.
	 */
	void deafenWatchStream() {
		this.streams.stream().filter((call) -> call.gate == this.watchEvents).forEach((call) -> call.deaf = true);
	}

	/** Ends the watch stream with a status, as a server or a proxy may do at any time. */
	void endWatchStream(Status status) {
		end(this.watchEvents, status);
	}

	/** The same for the renewal stream. */
	void endRenewalStream(Status status) {
		end(this.renewals, status);
	}

	private void end(Gate gate, Status status) {
		this.streams.stream().filter((call) -> call.gate == gate).forEach((call) -> call.end(status));
	}

	// Which requests

	/** A message with events. */
	static boolean isEvent(Object message) {
		return message instanceof WatchResponse response && response.getEventsCount() > 0;
	}

	/** A put into a line and no delete. */
	static boolean isTake(Object message) {
		return puts(message).anyMatch((key) -> !key.contains("/.")) && deletes(message).findAny().isEmpty();
	}

	/** A delete from a line and a put into it. */
	static boolean isHandOver(Object message) {
		return puts(message).anyMatch((key) -> !key.contains("/.")) && deletes(message).findAny().isPresent();
	}

	/** A guarded delete of what was held or waited. */
	static boolean isRelease(Object message) {
		return deletes(message).findAny().isPresent() && puts(message).findAny().isEmpty();
	}

	/** A delete by name together with a tombstone. */
	static boolean isEndByName(Object message) {
		return deletes(message).findAny().isPresent() && puts(message).anyMatch((key) -> key.contains("/.ended/"));
	}

	/** A read of its own. */
	static boolean isRead(Object message) {
		return message instanceof RangeRequest;
	}

	/** The keys that were put into lines, each as often as it was. */
	List<String> takenKeys() {
		return this.sent.stream().flatMap(Traffic::puts).filter((key) -> !key.contains("/.")).toList();
	}

	private static Stream<String> puts(Object message) {
		return operations(message).filter(RequestOp::hasRequestPut)
			.map((operation) -> operation.getRequestPut().getKey().toStringUtf8());
	}

	private static Stream<String> deletes(Object message) {
		return operations(message).filter(RequestOp::hasRequestDeleteRange)
			.map((operation) -> operation.getRequestDeleteRange().getKey().toStringUtf8());
	}

	private static Stream<RequestOp> operations(Object message) {
		return (message instanceof TxnRequest request) ? request.getSuccessList()
			.stream()
			.flatMap((operation) -> operation.hasRequestTxn() ? operations(operation.getRequestTxn())
					: Stream.of(operation))
				: Stream.empty();
	}

	@Override
	public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
		Gate gate = null;
		if (method.getFullMethodName().equals(WatchGrpc.getWatchMethod().getFullMethodName())) {
			this.watchStreams.incrementAndGet();
			gate = this.watchEvents;
		}
		else if (method.getFullMethodName().equals(LeaseGrpc.getLeaseKeepAliveMethod().getFullMethodName())) {
			gate = this.renewals;
		}
		Call<Q, A> call = new Call<>(next.newCall(method, options), gate);
		if (gate != null) {
			this.streams.add(call);
		}
		return call;
	}

	private final class Call<Q, A> extends SimpleForwardingClientCall<Q, A> {

		private final @Nullable Gate gate;

		private final AtomicBoolean closed = new AtomicBoolean();

		private volatile boolean deaf;

		private volatile @Nullable Listener<A> listener;

		private volatile @Nullable Fault fault;

		Call(ClientCall<Q, A> delegate, @Nullable Gate gate) {
			super(delegate);
			this.gate = gate;
		}

		@Override
		public void start(Listener<A> listener, Metadata headers) {
			this.listener = listener;
			if (this.gate == Traffic.this.renewals) {
				Traffic.this.renewalStreams.add(headers);
			}
			super.start(new Answers<>(this, listener), headers);
		}

		@Override
		public void sendMessage(Q message) {
			Traffic.this.sent.add(message);
			for (Fault fault : Traffic.this.faults) {
				if (fault.meets(message)) {
					Traffic.this.faults.remove(fault);
					this.fault = fault;
					break;
				}
			}
			Fault met = this.fault;
			if (met == null || met.kind() == Fault.Kind.LOSE_ANSWER || met.kind() == Fault.Kind.HOLD_ANSWER) {
				super.sendMessage(message);
			}
			else if (met.kind() == Fault.Kind.LOSE_REQUEST || met.kind() == Fault.Kind.REFUSE) {
				Status status = (met.kind() == Fault.Kind.REFUSE) ? Fault.REFUSED : Fault.LOST;
				CompletableFuture.runAsync(() -> end(status));
			}
			else {
				met.whenReleased(() -> {
					super.sendMessage(message);
					super.halfClose();
				});
			}
		}

		@Override
		public void halfClose() {
			Fault met = this.fault;
			if (met == null || met.kind() == Fault.Kind.LOSE_ANSWER || met.kind() == Fault.Kind.HOLD_ANSWER) {
				super.halfClose();
			}
		}

		/** Tells the engine that the call has ended, and etcd that nobody listens. */
		void end(Status status) {
			close(status, new Metadata());
			cancel("ended by the test", null);
		}

		void close(Status status, Metadata trailers) {
			Listener<A> started = this.listener;
			if (started != null && this.closed.compareAndSet(false, true)) {
				Traffic.this.streams.remove(this);
				started.onClose(status, trailers);
			}
		}

	}

	private static final class Answers<A> extends SimpleForwardingClientCallListener<A> {

		private final Call<?, A> call;

		Answers(Call<?, A> call, ClientCall.Listener<A> listener) {
			super(listener);
			this.call = call;
		}

		@Override
		public void onMessage(A message) {
			Fault fault = this.call.fault;
			Gate gate = this.call.gate;
			if (this.call.deaf && isEvent(message)) {
				return;
			}
			if (gate != null) {
				gate.pass(message, () -> {
					if (!this.call.closed.get()) {
						super.onMessage(message);
					}
				});
			}
			else if (fault != null && fault.kind() == Fault.Kind.HOLD_ANSWER) {
				fault.whenReleased(() -> super.onMessage(message));
			}
			else if (fault == null || fault.kind() != Fault.Kind.LOSE_ANSWER) {
				super.onMessage(message);
			}
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			Fault fault = this.call.fault;
			if (fault != null) {
				fault.answered();
			}
			if (fault != null && fault.kind() == Fault.Kind.LOSE_ANSWER) {
				this.call.close(Fault.LOST, trailers);
			}
			else if (fault != null && fault.kind() == Fault.Kind.HOLD_ANSWER) {
				fault.whenReleased(() -> this.call.close(status, trailers));
			}
			else {
				this.call.close(status, trailers);
			}
		}

	}

}
