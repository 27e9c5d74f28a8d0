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

	private final Clock clock;

	private @Nullable Stream stream;

	private boolean otherChannel;

	private boolean closed;

	Renewals(Loop loop, Members members, Clock clock) {
		this.loop = loop;
		this.members = members;
		this.clock = clock;
	}

	void renew(Session session) {
		if (this.closed) {
			return;
		}
		if (this.stream == null) {
			this.stream = new Stream(this.members.current());
			this.stream.start();
		}
		this.stream.renew(session);
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
			this.stream.call.cancel("closed", null);
		}
	}

	/** A renewal that was sent. */
	private record Sent(Session session, long at, long wallAhead) {
	}

	private final class Stream extends ClientCall.Listener<LeaseKeepAliveResponse> {

		private final Member member;

		private final ClientCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> call;

		/** Answers carry no number of the request; they come in order. */
		private final Deque<Sent> underWay = new ArrayDeque<>();

		private boolean left;

		Stream(Member member) {
			this.member = member;
			Channel channel = Renewals.this.otherChannel ? member.data() : member.control();
			this.call = channel.newCall(LeaseGrpc.getLeaseKeepAliveMethod(), CallOptions.DEFAULT);
		}

		void start() {
			this.call.start(this, new Metadata());
			this.call.request(Integer.MAX_VALUE);
		}

		void renew(Session session) {
			this.underWay.add(new Sent(session, Renewals.this.clock.nanos(), Renewals.this.clock.wallAhead()));
			this.call.sendMessage(LeaseKeepAliveRequest.newBuilder().setID(session.lease()).build());
		}

		void leave() {
			this.left = true;
			this.call.halfClose();
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
			Renewals.this.loop.run(this::ended);
		}

		private void ended() {
			if (Renewals.this.stream == this) {
				Renewals.this.stream = null;
				Renewals.this.members.suspect(this.member);
			}
			if (!this.left) {
				this.underWay.forEach((sent) -> sent.session().renewalFailed());
			}
			this.underWay.clear();
		}

	}

}
