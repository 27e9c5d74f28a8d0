package io.github.etcdlock.etcd;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.AuthenticateResponse;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * The token etcd gives for a user name and password: asked for when first needed, and
 * again, once for all who wait, when etcd has found it invalid. Without a user there is
 * none.
 */
final class AuthToken {

	private final Members members;

	private final @Nullable AuthenticateRequest credentials;

	private final long timeout;

	private @Nullable CompletableFuture<String> token;

	AuthToken(Members members, EtcdConnection connection, long timeout) {
		this.members = members;
		this.credentials = (connection.username() != null) ? AuthenticateRequest.newBuilder()
			.setName(connection.username())
			.setPassword(String.valueOf(connection.password()))
			.build() : null;
		this.timeout = timeout;
	}

	/** Hands over the token, at once if there is one, or null if none is needed. */
	void get(Consumer<@Nullable String> then, Consumer<Throwable> failed) {
		AuthenticateRequest credentials = this.credentials;
		if (credentials == null) {
			then.accept(null);
			return;
		}
		current(credentials).whenComplete((token, failure) -> {
			if (failure != null) {
				failed.accept(failure);
			}
			else {
				then.accept(token);
			}
		});
	}

	/** Forgets a token that etcd has refused, unless it has been replaced already. */
	synchronized void refused(@Nullable String refused) {
		if (newest(refused)) {
			this.token = null;
		}
	}

	/** Whether there is no newer token than this one. */
	synchronized boolean newest(@Nullable String used) {
		CompletableFuture<String> token = this.token;
		if (token == null || token.isCompletedExceptionally()) {
			return this.credentials == null;
		}
		return token.getNow("").equals(used);
	}

	private CompletableFuture<String> current(AuthenticateRequest credentials) {
		CompletableFuture<String> fresh;
		synchronized (this) {
			if (this.token != null && !this.token.isCompletedExceptionally()) {
				return this.token;
			}
			fresh = new CompletableFuture<>();
			this.token = fresh;
		}
		authenticate(credentials, fresh);
		return fresh;
	}

	private void authenticate(AuthenticateRequest credentials, CompletableFuture<String> fresh) {
		Member member = this.members.current();
		ClientCalls.asyncUnaryCall(
				member.data()
					.newCall(AuthGrpc.getAuthenticateMethod(),
							CallOptions.DEFAULT.withDeadlineAfter(this.timeout, TimeUnit.NANOSECONDS)),
				credentials, new StreamObserver<AuthenticateResponse>() {

					private @Nullable String received;

					@Override
					public void onNext(AuthenticateResponse response) {
						this.received = response.getToken();
					}

					@Override
					public void onError(Throwable failure) {
						if (Status.fromThrowable(failure).getCode() != Status.Code.INVALID_ARGUMENT) {
							AuthToken.this.members.suspect(member);
						}
						fresh.completeExceptionally(failure);
					}

					@Override
					public void onCompleted() {
						fresh.complete(String.valueOf(this.received));
					}

				});
	}

}
