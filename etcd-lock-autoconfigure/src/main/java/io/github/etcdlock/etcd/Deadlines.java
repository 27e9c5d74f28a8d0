package io.github.etcdlock.etcd;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

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
 * Ends unary requests that are not answered in time. A deadline of gRPC's own wakes a
 * thread for each request; here one timer, which is seldom set, looks after all of them.
 */
final class Deadlines implements ClientInterceptor {

	/** How long to wait for the answer, in nanoseconds. */
	static final CallOptions.Key<Long> TIMEOUT = CallOptions.Key.create("etcd-lock-timeout");

	private final Timers timers;

	private final Set<Timed<?, ?>> underWay = new HashSet<>();

	/** The next look; null while there is nothing to look at. */
	private @Nullable Future<?> look;

	private long lookAt;

	Deadlines(Timers timers) {
		this.timers = timers;
	}

	@Override
	public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
		ClientCall<Q, A> call = next.newCall(method, options);
		Long timeout = options.getOption(TIMEOUT);
		return (timeout != null) ? new Timed<>(call, timeout) : call;
	}

	private synchronized void begun(Timed<?, ?> call) {
		if (call.ended) {
			return;
		}
		this.underWay.add(call);
		if (this.look == null || call.end - this.lookAt < 0) {
			lookAt(call.end);
		}
	}

	private synchronized void ended(Timed<?, ?> call) {
		call.ended = true;
		this.underWay.remove(call);
	}

	private void lookAt(long time) {
		if (this.look != null) {
			this.look.cancel(false);
		}
		this.lookAt = time;
		this.look = this.timers.after(Math.max(0, time - System.nanoTime()), this::look);
	}

	private void look() {
		late().forEach(Timed::expire);
	}

	private synchronized List<Timed<?, ?>> late() {
		this.look = null;
		long now = System.nanoTime();
		List<Timed<?, ?>> late = new ArrayList<>();
		for (Timed<?, ?> call : this.underWay) {
			if (call.end - now <= 0) {
				late.add(call);
			}
			else if (this.look == null || call.end - this.lookAt < 0) {
				lookAt(call.end);
			}
		}
		late.forEach(this.underWay::remove);
		return late;
	}

	/** A request with its deadline, which counts from when it was made. */
	private final class Timed<Q, A> extends SimpleForwardingClientCall<Q, A> {

		private final long timeout;

		private final long end;

		/** Guarded by the deadlines. */
		private boolean ended;

		private volatile boolean expired;

		Timed(ClientCall<Q, A> call, long timeout) {
			super(call);
			this.timeout = timeout;
			this.end = System.nanoTime() + timeout;
		}

		@Override
		public void start(Listener<A> listener, Metadata headers) {
			super.start(new SimpleForwardingClientCallListener<>(listener) {

				@Override
				public void onClose(Status status, Metadata trailers) {
					ended(Timed.this);
					super.onClose((Timed.this.expired && !status.isOk()) ? late() : status, trailers);
				}

			}, headers);
			begun(this);
		}

		/** What is cancelled takes no more messages: it would throw. */
		@Override
		public synchronized void sendMessage(Q message) {
			if (!this.expired) {
				super.sendMessage(message);
			}
		}

		@Override
		public synchronized void halfClose() {
			if (!this.expired) {
				super.halfClose();
			}
		}

		void expire() {
			synchronized (this) {
				this.expired = true;
			}
			cancel("no answer in time", null);
		}

		private Status late() {
			return Status.DEADLINE_EXCEEDED
				.withDescription("no answer within " + TimeUnit.NANOSECONDS.toMillis(this.timeout) + " ms");
		}

	}

}
