package io.github.etcdlock.autoconfigure;

import java.time.Duration;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;

/**
 * Measures each request to etcd; the streams of watches and renewals have no end to
 * measure.
 */
final class EtcdRequestTimer implements ClientInterceptor {

	/** Where a measurement goes. */
	@FunctionalInterface
	interface Record {

		void add(String method, String status, Duration took);

	}

	private final Record record;

	EtcdRequestTimer(Record record) {
		this.record = record;
	}

	@Override
	public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
		ClientCall<Q, A> call = next.newCall(method, options);
		return (method.getType() == MethodDescriptor.MethodType.UNARY)
				? new Timed<>(call, String.valueOf(method.getBareMethodName())) : call;
	}

	private final class Timed<Q, A> extends SimpleForwardingClientCall<Q, A> {

		private final String method;

		Timed(ClientCall<Q, A> call, String method) {
			super(call);
			this.method = method;
		}

		@Override
		public void start(Listener<A> listener, Metadata headers) {
			long since = System.nanoTime();
			super.start(new SimpleForwardingClientCallListener<>(listener) {

				@Override
				public void onClose(Status status, Metadata trailers) {
					EtcdRequestTimer.this.record.add(Timed.this.method, status.getCode().name(),
							Duration.ofNanos(System.nanoTime() - since));
					super.onClose(status, trailers);
				}

			}, headers);
		}

	}

}
