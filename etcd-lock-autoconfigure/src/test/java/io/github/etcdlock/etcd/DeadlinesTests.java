package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.github.etcdlock.test.EtcdExtension;
import io.github.etcdlock.test.TcpProxy;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

class DeadlinesTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private static final Duration LONG = Duration.ofSeconds(60);

	private final TcpProxy link = TcpProxy.to(etcd.endpoint());

	private final ManagedChannel plain = NettyChannelBuilder.forTarget(this.link.endpoint()).usePlaintext().build();

	private final Timers timers = new Timers();

	private final Channel channel = ClientInterceptors.intercept(this.plain, new Deadlines(this.timers));

	@AfterEach
	void close() {
		this.plain.shutdownNow();
		this.timers.close();
		this.link.close();
	}

	private CompletableFuture<Status> ask(Duration timeout) {
		CompletableFuture<Status> end = new CompletableFuture<>();
		RangeRequest request = RangeRequest.newBuilder().setKey(KeySpace.end(new KeySpace("/a").all())).build();
		ClientCalls.asyncUnaryCall(
				this.channel.newCall(KVGrpc.getRangeMethod(),
						CallOptions.DEFAULT.withOption(Deadlines.TIMEOUT, timeout.toNanos())),
				request, new StreamObserver<RangeResponse>() {

					@Override
					public void onNext(RangeResponse response) {
						assertThat(response.getHeader().getRevision()).isPositive();
					}

					@Override
					public void onError(Throwable failure) {
						end.complete(((StatusRuntimeException) failure).getStatus());
					}

					@Override
					public void onCompleted() {
						end.complete(Status.OK);
					}

				});
		return end;
	}

	private void assertLate(CompletableFuture<Status> end, long millis) {
		assertThat(end).succeedsWithin(Duration.ofSeconds(10)).satisfies((status) -> {
			assertThat(status.getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
			assertThat(status.getDescription()).isEqualTo("no answer within " + millis + " ms");
		});
	}

	@Test
	void answerInTimeStands() {
		assertThat(ask(LONG)).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(Status.OK);
	}

	@Test
	void unansweredRequestEnds() {
		assertThat(ask(LONG)).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(Status.OK);
		this.link.freeze();
		assertLate(ask(Duration.ofMillis(300)), 300);
	}

	@Test
	void shortTimeIsNotPutOffByALongOneBeforeIt() {
		this.link.freeze();
		CompletableFuture<Status> patient = ask(LONG);
		CompletableFuture<Status> next = ask(Duration.ofMillis(400));
		CompletableFuture<Status> shortest = ask(Duration.ofMillis(200));
		assertLate(shortest, 200);
		assertLate(next, 400);
		assertThat(patient).isNotDone();
		this.link.pass();
		assertThat(patient).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(Status.OK);
	}

	@Test
	void everyRequestIsLookedAfterWhateverEndedBefore() {
		assertThat(ask(LONG)).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(Status.OK);
		assertThat(ask(Duration.ofSeconds(2))).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(Status.OK);
		this.link.freeze();
		assertLate(ask(Duration.ofMillis(200)), 200);
		assertLate(ask(Duration.ofMillis(200)), 200);
	}

	@Test
	void requestThatEndsBeforeItIsSentAsAWholeThrowsNothing() {
		CompletableFuture<Status> end = new CompletableFuture<>();
		ClientCall<RangeRequest, RangeResponse> call = this.channel.newCall(KVGrpc.getRangeMethod(),
				CallOptions.DEFAULT.withOption(Deadlines.TIMEOUT, 1L));
		call.start(new ClientCall.Listener<>() {

			@Override
			public void onClose(Status status, Metadata trailers) {
				end.complete(status);
			}

		}, new Metadata());
		assertLate(end, 0);
		call.request(2);
		call.sendMessage(RangeRequest.getDefaultInstance());
		call.halfClose();
	}

	@Test
	void requestThatCannotEvenBeSentEnds() {
		this.link.refuse();
		assertThat(ask(LONG)).succeedsWithin(Duration.ofSeconds(10))
			.satisfies((status) -> assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE));
	}

}
