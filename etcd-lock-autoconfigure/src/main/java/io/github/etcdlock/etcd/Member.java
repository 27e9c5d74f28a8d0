package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.api.StatusResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslContext;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint of etcd, with a channel for requests and another for watch and renewal, so
 * that neither waits behind the other. They are built when the first request needs them:
 * it takes gRPC some time, for which no start-up should wait.
 */
final class Member {

	/** One revision's events are one message, however many keys a lease had. */
	private static final int MAX_MESSAGE = 256 << 20;

	private static final long RESET_INTERVAL = TimeUnit.MILLISECONDS.toNanos(200);

	private final String endpoint;

	private final EtcdConnection connection;

	private final @Nullable SslContext ssl;

	private final List<ClientInterceptor> interceptors;

	private final AtomicLong lastReset = new AtomicLong(System.nanoTime());

	private volatile @Nullable Channels channels;

	private boolean ended;

	Member(String endpoint, EtcdConnection connection, List<ClientInterceptor> interceptors) {
		this.endpoint = endpoint;
		this.connection = connection;
		this.ssl = (connection.ssl() != null) ? connection.ssl().get() : null;
		this.interceptors = interceptors;
	}

	private Channels channels() {
		Channels channels = this.channels;
		return (channels != null) ? channels : build();
	}

	private synchronized Channels build() {
		Channels channels = this.channels;
		if (channels == null) {
			channels = new Channels(channel(), channel());
			this.channels = channels;
			if (this.ended) {
				channels.both(ManagedChannel::shutdownNow);
			}
		}
		return channels;
	}

	private ManagedChannel channel() {
		NettyChannelBuilder builder = NettyChannelBuilder.forTarget(this.endpoint)
			.directExecutor()
			.disableRetry()
			.maxInboundMessageSize(MAX_MESSAGE)
			.keepAliveTime(10, TimeUnit.SECONDS)
			.keepAliveTimeout(3, TimeUnit.SECONDS)
			.withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) this.connection.connectTimeout().toMillis())
			.intercept(this.interceptors);
		if (this.ssl != null) {
			builder.sslContext(this.ssl);
		}
		else {
			builder.usePlaintext();
		}
		return builder.build();
	}

	/** For requests. */
	Channel data() {
		return awake(channels().data());
	}

	/** For watch and renewal. */
	Channel control() {
		return awake(channels().control());
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
				channels().both(ManagedChannel::resetConnectBackoff);
			}
		}
		return channel;
	}

	/** What it says of itself; never fails. */
	CompletableFuture<MemberStatus> status(AuthToken token, long timeout) {
		CompletableFuture<MemberStatus> status = new CompletableFuture<>();
		askStatus(token, timeout, false, status);
		return status;
	}

	private void askStatus(AuthToken token, long timeout, boolean again, CompletableFuture<MemberStatus> status) {
		token.get((used) -> askStatus(used, timeout, (failure, took) -> {
			if (failure.tokenExpired() && !again) {
				token.refused(used);
				askStatus(token, timeout, true, status);
			}
			else {
				status.complete(notTold(failure, took));
			}
		}, status), (failure) -> status.complete(notTold(EtcdFailure.of(failure, false), Duration.ZERO)));
	}

	/** Some releases, such as 3.5.30, tell it to root only: that is an answer, too. */
	private MemberStatus notTold(EtcdFailure failure, Duration took) {
		return new MemberStatus(this.endpoint, null, false, took,
				(failure.status().getCode() == Status.Code.PERMISSION_DENIED) ? null : failure.text());
	}

	private void askStatus(@Nullable String token, long timeout, BiConsumer<EtcdFailure, Duration> failed,
			CompletableFuture<MemberStatus> status) {
		long since = System.nanoTime();
		Channel channel = ClientInterceptors.intercept(data(),
				MetadataUtils.newAttachHeadersInterceptor(Headers.of(token)));
		ClientCalls.asyncUnaryCall(
				channel.newCall(MaintenanceGrpc.getStatusMethod(),
						CallOptions.DEFAULT.withDeadlineAfter(timeout, TimeUnit.NANOSECONDS)),
				StatusRequest.getDefaultInstance(), new StreamObserver<StatusResponse>() {

					@Override
					public void onNext(StatusResponse response) {
						boolean leader = response.getLeader() == response.getHeader().getMemberId();
						status.complete(
								new MemberStatus(Member.this.endpoint, response.getVersion(), leader, took(), null));
					}

					@Override
					public void onError(Throwable problem) {
						failed.accept(EtcdFailure.of(problem, false), took());
					}

					@Override
					public void onCompleted() {
						status.complete(new MemberStatus(Member.this.endpoint, null, false, took(), "no answer"));
					}

					private Duration took() {
						return Duration.ofNanos(System.nanoTime() - since);
					}

				});
	}

	/** Takes no new calls; those under way end by themselves. */
	void shutdown() {
		end(ManagedChannel::shutdown);
	}

	/** Ends everything. */
	void shutdownNow() {
		end(ManagedChannel::shutdownNow);
	}

	private synchronized void end(Consumer<ManagedChannel> how) {
		this.ended = true;
		if (this.channels != null) {
			this.channels.both(how);
		}
	}

	@Override
	public String toString() {
		return this.endpoint;
	}

	private record Channels(ManagedChannel data, ManagedChannel control) {

		void both(Consumer<ManagedChannel> what) {
			what.accept(this.data);
			what.accept(this.control);
		}

	}

}
