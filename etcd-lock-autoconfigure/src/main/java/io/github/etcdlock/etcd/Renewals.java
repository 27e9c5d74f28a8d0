package io.github.etcdlock.etcd;

import java.util.ArrayDeque;
import java.util.Deque;

import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseKeepAliveResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * Renews leases over one stream; when an answer is overdue, over another one, to the next
 * member, while a late answer on the first still counts. Lives on the loop.
 */
final class Renewals {

	private final Loop loop;

	private final Members members;

	private final AuthToken token;

	private final Clock clock;

	private @Nullable Stream stream;

	private boolean otherChannel;

	private boolean closed;

	Renewals(Loop loop, Members members, AuthToken token, Clock clock) {
		this.loop = loop;
		this.members = members;
		this.token = token;
		this.clock = clock;
	}

	void renew(Session session) {
		if (this.closed) {
			return;
		}
		if (this.stream == null) {
			this.stream = connect();
		}
		this.stream.renew(session);
	}

	private Stream connect() {
		Stream fresh = new Stream(this.members.current());
		this.token.get((token) -> this.loop.run(() -> fresh.start(token)),
				(failure) -> this.loop.run(() -> fresh.ended(Status.fromThrowable(failure))));
		return fresh;
	}

	/**
	 * Uses another stream from now on; answers under way are still awaited on the old.
	 */
	void moveOn() {
		Stream old = this.stream;
		if (old != null) {
			this.stream = null;
			this.members.suspect(old.member);
			this.otherChannel = !this.otherChannel && this.members.count() == 1;
			old.leave();
		}
	}

	void close() {
		this.closed = true;
		if (this.stream != null) {
			this.stream.end();
		}
	}

	/** A renewal that was sent. */
	private record Sent(Session session, long at, long wallAhead) {
	}

	private final class Stream extends ClientCall.Listener<LeaseKeepAliveResponse> {

		private final Member member;

		private final Channel channel;

		/** Answers carry no number of the request; they come in order. */
		private final Deque<Sent> underWay = new ArrayDeque<>();

		/** Null until there is a token. */
		private @Nullable ClientCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> call;

		private @Nullable String usedToken;

		private boolean left;

		Stream(Member member) {
			this.member = member;
			this.channel = Renewals.this.otherChannel ? member.data() : member.control();
		}

		void start(@Nullable String token) {
			if (this.left) {
				return;
			}
			ClientCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> call = this.channel
				.newCall(LeaseGrpc.getLeaseKeepAliveMethod(), CallOptions.DEFAULT);
			this.call = call;
			this.usedToken = token;
			call.start(this, Headers.of(token));
			call.request(Integer.MAX_VALUE);
			this.underWay.forEach((sent) -> call.sendMessage(request(sent.session())));
		}

		void renew(Session session) {
			this.underWay.add(new Sent(session, Renewals.this.clock.nanos(), Renewals.this.clock.wallAhead()));
			if (this.call != null) {
				this.call.sendMessage(request(session));
			}
		}

		private static LeaseKeepAliveRequest request(Session session) {
			return LeaseKeepAliveRequest.newBuilder().setID(session.lease()).build();
		}

		void leave() {
			this.left = true;
			if (this.call != null) {
				this.call.halfClose();
			}
		}

		void end() {
			this.left = true;
			if (this.call != null) {
				this.call.cancel("closed", null);
			}
		}

		@Override
		public void onMessage(LeaseKeepAliveResponse response) {
			Renewals.this.loop.run(() -> answered(response));
		}

		private void answered(LeaseKeepAliveResponse response) {
			Sent sent = this.underWay.poll();
			if (sent == null || sent.session().lease() != response.getID()) {
				return;
			}
			if (response.getTTL() > 0) {
				sent.session().renewed(sent.at(), sent.wallAhead(), response.getTTL());
			}
			else {
				sent.session().leaseGone();
			}
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			Renewals.this.loop.run(() -> ended(status));
		}

		private void ended(Status status) {
			EtcdFailure failure = EtcdFailure.of(status.asRuntimeException(), false);
			if (failure.tokenExpired()) {
				Renewals.this.token.refused(this.usedToken);
			}
			if (Renewals.this.stream == this) {
				Renewals.this.stream = null;
				if (!failure.tokenExpired() && !failure.denied()) {
					Renewals.this.members.suspect(this.member);
				}
			}
			Sent refused = failure.denied() ? this.underWay.poll() : null;
			if (refused != null) {
				refused.session().denied(failure);
			}
			if (!this.left) {
				this.underWay.forEach((sent) -> sent.session().renewalFailed());
			}
			this.underWay.clear();
		}

	}

}
