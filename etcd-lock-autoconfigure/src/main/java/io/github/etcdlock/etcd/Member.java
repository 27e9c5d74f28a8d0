package io.github.etcdlock.etcd;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslContext;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint of etcd, with a channel for requests and another for watch and renewal, so
 * that neither waits behind the other. Connects on first use.
 */
final class Member {

	/** One revision's events are one message, however many keys a lease had. */
	private static final int MAX_MESSAGE = 256 << 20;

	private static final long RESET_INTERVAL = TimeUnit.MILLISECONDS.toNanos(200);

	private final String endpoint;

	private final ManagedChannel data;

	private final ManagedChannel control;

	private final AtomicLong lastReset = new AtomicLong(System.nanoTime());

	Member(String endpoint, EtcdConnection connection, List<ClientInterceptor> interceptors) {
		this.endpoint = endpoint;
		SslContext ssl = (connection.ssl() != null) ? connection.ssl().get() : null;
		this.data = channel(connection, ssl, interceptors);
		this.control = channel(connection, ssl, interceptors);
	}

	private ManagedChannel channel(EtcdConnection connection, @Nullable SslContext ssl,
			List<ClientInterceptor> interceptors) {
		NettyChannelBuilder builder = NettyChannelBuilder.forTarget(this.endpoint)
			.directExecutor()
			.disableRetry()
			.maxInboundMessageSize(MAX_MESSAGE)
			.keepAliveTime(10, TimeUnit.SECONDS)
			.keepAliveTimeout(3, TimeUnit.SECONDS)
			.withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) connection.connectTimeout().toMillis())
			.intercept(interceptors);
		if (ssl != null) {
			builder.sslContext(ssl);
		}
		else {
			builder.usePlaintext();
		}
		return builder.build();
	}

	/** For requests. */
	Channel data() {
		return awake(this.data);
	}

	/** For watch and renewal. */
	Channel control() {
		return awake(this.control);
	}

	/**
	 * Connects again at once instead of after gRPC's growing pause: whoever asks for the
	 * channel wants it now.
	 */
	private Channel awake(ManagedChannel channel) {
		if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
			long now = System.nanoTime();
			long last = this.lastReset.get();
			if (now - last > RESET_INTERVAL && this.lastReset.compareAndSet(last, now)) {
				this.data.resetConnectBackoff();
				this.control.resetConnectBackoff();
			}
		}
		return channel;
	}

	/** Takes no new calls; those under way end by themselves. */
	void shutdown() {
		this.data.shutdown();
		this.control.shutdown();
	}

	/** Ends everything. */
	void shutdownNow() {
		this.data.shutdownNow();
		this.control.shutdownNow();
	}

	@Override
	public String toString() {
		return this.endpoint;
	}

}
