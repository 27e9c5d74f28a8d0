package io.github.etcdlock.etcd;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.WatchCancelRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All watches of the process, on one stream. A stream that ends for whatever reason, or
 * stays silent when asked, is replaced by one to the next member, and every watch is made
 * anew on it. Lives on the loop.
 */
final class WatchStream {

	private static final Logger logger = LoggerFactory.getLogger(WatchStream.class);

	private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(50);

	/** How long to let alone what etcd does not let us see. */
	private static final long REFUSED_PAUSE = TimeUnit.SECONDS.toNanos(5);

	private final Loop loop;

	private final Members members;

	private final AuthToken token;

	private final Store store;

	private final Timers timers;

	private final Clock clock;

	private final long patience;

	/** Those that the present stream does not serve yet. */
	private final Set<Watch> pending = new HashSet<>();

	/** Those of them that etcd does not let us see. */
	private final Set<Watch> refused = new HashSet<>();

	private long refusedUntil;

	private @Nullable Stream stream;

	private int failures;

	private boolean closed;

	WatchStream(Loop loop, Members members, AuthToken token, Store store, Timers timers, Clock clock, long patience) {
		this.loop = loop;
		this.members = members;
		this.token = token;
		this.store = store;
		this.timers = timers;
		this.clock = clock;
		this.patience = patience;
	}

	Watch open(ByteString key, @Nullable ByteString end, boolean puts, long from, Watch.Owner owner) {
		Watch watch = new Watch(key, end, puts, from, owner);
		this.pending.add(watch);
		if (this.stream == null) {
			connect();
		}
		else {
			this.stream.create(watch);
		}
		return watch;
	}

	/** Somebody wants to know now whether etcd still refuses it. */
	void askAgain(Watch watch) {
		if (this.refused.remove(watch) && this.stream != null) {
			this.stream.create(watch);
		}
	}

	void close(Watch watch) {
		if (watch.closed()) {
			return;
		}
		watch.close();
		this.refused.remove(watch);
		if (!this.pending.remove(watch) && this.stream != null) {
			this.stream.cancel(watch.id());
		}
	}

	int size() {
		return this.pending.size() + ((this.stream != null) ? this.stream.live.size() : 0);
	}

	/** Whether the present stream serves all of them. */
	boolean settled() {
		return this.pending.isEmpty();
	}

	/** Leaves a member that others have given up, and one that does not answer. */
	void tick() {
		Stream stream = this.stream;
		if (stream != null && (stream.silent() || stream.member != this.members.current())) {
			if (stream.silent()) {
				this.members.suspect(stream.member);
			}
			restart(stream, "member left");
		}
		if (!this.refused.isEmpty() && this.clock.nanos() - this.refusedUntil >= 0) {
			List.copyOf(this.refused).forEach(this::askAgain);
		}
	}

	/** Watches anew, for what comes has revisions that were seen before. */
	void storeWentBack() {
		if (this.stream != null) {
			restart(this.stream, "etcd went back");
		}
	}

	void close() {
		this.closed = true;
		if (this.stream != null) {
			this.stream.end();
			this.stream = null;
		}
	}

	private void connect() {
		if (this.closed) {
			return;
		}
		Stream fresh = new Stream(this.members.current());
		this.stream = fresh;
		this.token.get((token) -> this.loop.run(() -> fresh.start(token)),
				(failure) -> this.loop.run(() -> noToken(fresh, EtcdFailure.of(failure, false))));
	}

	private void noToken(Stream fresh, EtcdFailure failure) {
		if (this.stream == fresh && failure.denied()) {
			List.copyOf(this.pending).forEach((watch) -> watch.refused(failure));
		}
		ended(fresh, failure.status());
	}

	private void restart(Stream old, String reason) {
		logger.debug("Watch stream to {} is replaced: {}", old.member, reason);
		interrupt(old);
		this.stream = null;
		connectIfNeeded();
	}

	private void ended(Stream old, Status status) {
		if (this.stream != old || this.closed) {
			return;
		}
		ended(old, new EtcdFailure(status, false));
	}

	private void ended(Stream old, EtcdFailure failure) {
		if (failure.tokenExpired()) {
			old.refuseToken();
		}
		else if (!failure.denied()) {
			this.members.suspect(old.member);
		}
		interrupt(old);
		logger.debug("Watch stream to {} ended: {}", old.member, failure.text());
		long pause = (this.failures < this.members.count()) ? 0 : PAUSE << Math.min(5, this.failures);
		if (failure.denied()) {
			pause = REFUSED_PAUSE;
		}
		this.failures++;
		this.timers.after(pause, () -> this.loop.run(() -> {
			if (this.stream == old) {
				this.stream = null;
				connectIfNeeded();
			}
		}));
	}

	/** Ends a stream; all of its watches are to be created again. */
	private void interrupt(Stream old) {
		old.end();
		this.pending.addAll(old.live.values());
		old.live.clear();
		this.pending.forEach(Watch::interrupted);
	}

	private void connectIfNeeded() {
		if (!this.pending.isEmpty()) {
			connect();
		}
	}

	private final class Stream extends ClientCall.Listener<WatchResponse> {

		private final Member member;

		private final Map<Long, Watch> live = new HashMap<>();

		/** Answers come in the order of the requests. */
		private final Deque<Watch> creating = new ArrayDeque<>();

		private @Nullable ClientCall<WatchRequest, WatchResponse> call;

		private @Nullable String usedToken;

		private long askedAt;

		private boolean over;

		Stream(Member member) {
			this.member = member;
		}

		void start(@Nullable String token) {
			if (WatchStream.this.stream != this) {
				return;
			}
			this.usedToken = token;
			ClientCall<WatchRequest, WatchResponse> call = this.member.control()
				.newCall(WatchGrpc.getWatchMethod(), CallOptions.DEFAULT);
			this.call = call;
			call.start(this, Headers.needingLeader(token));
			call.request(Integer.MAX_VALUE);
			WatchStream.this.refused.clear();
			WatchStream.this.pending.forEach(this::create);
		}

		void create(Watch watch) {
			if (this.call != null && !this.over) {
				if (this.creating.isEmpty()) {
					this.askedAt = WatchStream.this.clock.nanos();
				}
				this.creating.add(watch);
				this.call.sendMessage(WatchRequest.newBuilder().setCreateRequest(watch.request()).build());
			}
		}

		void cancel(long id) {
			this.live.remove(id);
			if (this.call != null && !this.over) {
				this.call.sendMessage(WatchRequest.newBuilder()
					.setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(id))
					.build());
			}
		}

		boolean silent() {
			return !this.over && !this.creating.isEmpty()
					&& WatchStream.this.clock.nanos() - this.askedAt > WatchStream.this.patience;
		}

		void refuseToken() {
			WatchStream.this.token.refused(this.usedToken);
		}

		void end() {
			this.over = true;
			if (this.call != null) {
				this.call.cancel("replaced", null);
			}
		}

		@Override
		public void onMessage(WatchResponse response) {
			WatchStream.this.loop.run(() -> receive(response));
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			WatchStream.this.loop.run(() -> ended(this, status));
		}

		private void receive(WatchResponse response) {
			if (this.over) {
				return;
			}
			if (response.getCreated()) {
				created(response);
			}
			else if (response.getCanceled()) {
				canceled(this.live.remove(response.getWatchId()), response);
			}
			else {
				Watch watch = this.live.get(response.getWatchId());
				if (watch != null) {
					byRevision(response.getEventsList()).forEach(watch::changed);
				}
			}
		}

		private void created(WatchResponse response) {
			Watch watch = this.creating.poll();
			this.askedAt = WatchStream.this.clock.nanos();
			if (watch == null) {
				return;
			}
			if (response.getCanceled()) {
				canceled(watch, response);
			}
			else if (watch.closed()) {
				cancel(response.getWatchId());
			}
			else {
				WatchStream.this.failures = 0;
				WatchStream.this.pending.remove(watch);
				this.live.put(response.getWatchId(), watch);
				watch.created(response.getWatchId(), response.getHeader().getRevision());
			}
		}

		private void canceled(@Nullable Watch watch, WatchResponse response) {
			if (watch == null || watch.closed()) {
				return;
			}
			WatchStream.this.pending.add(watch);
			if (response.getCompactRevision() > 0) {
				watch.compacted();
				create(watch);
				return;
			}
			EtcdFailure failure = EtcdFailure.refusedWatch(response.getCancelReason());
			if (failure.denied()) {
				seeWhy(watch);
			}
			else {
				ended(this, failure);
			}
		}

		/**
		 * A read shows whether it is our user who may not see that, or whether the token
		 * is too old, which etcd up to 3.5.4 calls the same.
		 */
		private void seeWhy(Watch watch) {
			WatchStream.this.store.range(watch.read(), WatchStream.this.store.deadline(),
					(response) -> WatchStream.this.loop.run(() -> mayBeRead(watch)),
					(failure) -> WatchStream.this.loop.run(() -> mayNotBeRead(watch, failure)));
		}

		private void mayBeRead(Watch watch) {
			if (this.over || watch.closed()) {
				return;
			}
			if (WatchStream.this.token.newest(this.usedToken)) {
				letAlone(watch);
			}
			else {
				restart(this, "its token was too old");
			}
		}

		private void mayNotBeRead(Watch watch, EtcdFailure failure) {
			if (this.over || watch.closed()) {
				return;
			}
			letAlone(watch);
			if (failure.denied()) {
				watch.refused(failure);
			}
		}

		private void letAlone(Watch watch) {
			if (WatchStream.this.refused.isEmpty()) {
				WatchStream.this.refusedUntil = WatchStream.this.clock.nanos() + REFUSED_PAUSE;
			}
			WatchStream.this.refused.add(watch);
		}

		/** A message may bring several revisions, but one revision is never split. */
		private List<List<Event>> byRevision(List<Event> events) {
			List<List<Event>> revisions = new ArrayList<>(1);
			int begin = 0;
			for (int i = 1; i <= events.size(); i++) {
				if (i == events.size()
						|| events.get(i).getKv().getModRevision() != events.get(begin).getKv().getModRevision()) {
					revisions.add(events.subList(begin, i));
					begin = i;
				}
			}
			return revisions;
		}

	}

}
