package io.github.etcdlock.etcd;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.AuthenticateResponse;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * The token etcd gives for a user name and password: asked for when first needed, and
 * again, once for all who wait, when etcd has found it invalid.
 */
final class AuthToken {

	static final Metadata.Key<String> HEADER = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

	private final Members members;

	private final AuthenticateRequest credentials;

	private final long timeout;

	private @Nullable CompletableFuture<String> token;

	AuthToken(Members members, String username, String password, long timeout) {
		this.members = members;
		this.credentials = AuthenticateRequest.newBuilder().setName(username).setPassword(password).build();
		this.timeout = timeout;
	}

	/** Hands over the token, at once if there is one. */
	void get(Consumer<String> then, Consumer<Throwable> failed) {
		current().whenComplete((token, failure) -> {
			if (failure != null) {
				failed.accept(failure);
			}
			else {
				then.accept(token);
			}
		});
	}

	/** Forgets a token that etcd has refused, unless it has been replaced already. */
	synchronized void refused(String refused) {
		if (this.token != null && refused.equals(this.token.getNow(null))) {
			this.token = null;
		}
	}

	private CompletableFuture<String> current() {
		CompletableFuture<String> fresh;
		synchronized (this) {
			if (this.token != null && !this.token.isCompletedExceptionally()) {
				return this.token;
			}
			fresh = new CompletableFuture<>();
			this.token = fresh;
		}
		authenticate(fresh);
		return fresh;
	}

	private void authenticate(CompletableFuture<String> fresh) {
		Member member = this.members.current();
		ClientCalls.asyncUnaryCall(
				member.data()
					.newCall(AuthGrpc.getAuthenticateMethod(),
							CallOptions.DEFAULT.withDeadlineAfter(this.timeout, TimeUnit.NANOSECONDS)),
				this.credentials, new StreamObserver<AuthenticateResponse>() {

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
