package io.github.etcdlock.etcd;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.etcd.jetcd.api.TxnRequest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what is to be carried out once. A lone request goes at once; those that come
 * while every lane is in use gather, and go together as soon as one is free. Lives on the
 * loop.
 */
final class Lanes {

	private static final Logger logger = LoggerFactory.getLogger(Lanes.class);

	/** Each answer frees a lane for what has gathered meanwhile. */
	private static final int MOST = 4;

	/** Well within etcd's limit of 128 operations, of which nested ones count. */
	private static final int LARGEST = 64;

	/** A request of more operations goes alone, for its own count too. */
	private static final int LARGE = 8;

	/** Well within etcd's limit of 1.5 MiB for a request. */
	private static final int MOST_BYTES = 1 << 20;

	private record Waiting(Once once, long deadline) {
	}

	private final Engine engine;

	private final Sessions sessions;

	private final Deque<Waiting> waiting = new ArrayDeque<>();

	private final List<Lane> lanes = new ArrayList<>();

	private @Nullable Session session;

	private int lanesBegun;

	private boolean starting;

	/** What was asked for its request already, and found no room. */
	private Lane.@Nullable Sent next;

	private boolean dispatching;

	private boolean closed;

	private @Nullable CompletableFuture<Void> idle;

	Lanes(Engine engine, Sessions sessions) {
		this.engine = engine;
		this.sessions = sessions;
	}

	void send(Once once) {
		if (this.closed) {
			once.failed(EtcdFailure.closed());
			once.never();
			return;
		}
		this.waiting.add(new Waiting(once, this.engine.store().deadline()));
		dispatch();
	}

	/** What could not be sent in time will not be sent at all. */
	void tick(long now) {
		while (!this.waiting.isEmpty() && now - this.waiting.getFirst().deadline() >= 0) {
			Once once = this.waiting.remove().once();
			once.failed(EtcdFailure.unsent());
			once.never();
		}
	}

	/** Completes when nothing is to be sent and nothing is unanswered. */
	CompletableFuture<Void> idle() {
		CompletableFuture<Void> done = (this.idle != null) ? this.idle : new CompletableFuture<>();
		this.idle = done;
		dispatch();
		return done;
	}

	private boolean nothingToDo() {
		return this.waiting.isEmpty() && this.next == null && this.lanes.stream().allMatch(Lane::idle);
	}

	void close() {
		this.closed = true;
		Lane.Sent kept = this.next;
		this.next = null;
		if (kept != null) {
			this.waiting.addFirst(new Waiting(kept.once(), 0));
		}
		failWaiting(EtcdFailure.closed());
	}

	private void failWaiting(EtcdFailure failure) {
		List<Waiting> all = List.copyOf(this.waiting);
		this.waiting.clear();
		all.forEach((one) -> {
			one.once().failed(failure);
			one.once().never();
		});
	}

	/** A lane is free, or something came: not while that is being seen to. */
	void dispatch() {
		if (this.dispatching) {
			return;
		}
		this.dispatching = true;
		try {
			Lane lane = free();
			while (lane != null) {
				List<Lane.Sent> batch = batch(lane.session());
				if (!batch.isEmpty()) {
					lane.carry(batch);
				}
				lane = free();
			}
		}
		finally {
			this.dispatching = false;
		}
		if (this.idle != null && nothingToDo()) {
			this.idle.complete(null);
		}
	}

	private @Nullable Lane free() {
		Session current = (this.waiting.isEmpty() && this.next == null) ? null : session();
		if (current == null) {
			return null;
		}
		this.lanes.removeIf(Lane::broken);
		for (Lane lane : this.lanes) {
			if (lane.free()) {
				return lane;
			}
		}
		if (this.lanes.size() == MOST) {
			return null;
		}
		Lane fresh = new Lane(this.engine, current, this, this.lanesBegun++);
		this.lanes.add(fresh);
		return fresh;
	}

	private @Nullable Session session() {
		Session current = this.session;
		if (current == null || current.over()) {
			this.lanes.clear();
			this.starting = false;
			current = this.sessions.get(this.engine.settings().ttl().toSeconds());
			this.session = current;
		}
		if (current.state() == Session.State.STARTING) {
			if (!this.starting) {
				this.starting = true;
				current.whenStarted(new Beginning());
			}
			return null;
		}
		return current;
	}

	private List<Lane.Sent> batch(Session session) {
		List<Lane.Sent> batch = new ArrayList<>();
		int bytes = 0;
		for (Lane.Sent sent = next(session); sent != null; sent = next(session)) {
			bytes += sent.request().getSerializedSize();
			boolean large = sent.request().getSuccessCount() > LARGE;
			if (!batch.isEmpty() && (large || bytes > MOST_BYTES)) {
				this.next = sent;
				break;
			}
			batch.add(sent);
			if (large || batch.size() == LARGEST) {
				break;
			}
		}
		return batch;
	}

	private Lane.@Nullable Sent next(Session session) {
		Lane.Sent kept = this.next;
		if (kept != null && kept.session() == session) {
			this.next = null;
			return kept;
		}
		Once once = (kept != null) ? kept.once() : null;
		this.next = null;
		while (once != null || !this.waiting.isEmpty()) {
			Once candidate = (once != null) ? once : this.waiting.remove().once();
			once = null;
			TxnRequest request = request(candidate, session);
			if (request != null) {
				return new Lane.Sent(candidate, request, session);
			}
		}
		return null;
	}

	/** What one cannot say is nothing to the others of its batch. */
	private static @Nullable TxnRequest request(Once once, Session session) {
		try {
			return once.request(session);
		}
		catch (RuntimeException ex) {
			logger.error("A request to etcd could not be made; please report this", ex);
			once.failed(EtcdFailure.unmade(ex));
			once.never();
			return null;
		}
	}

	private final class Beginning implements Session.Starter {

		@Override
		public void started() {
			Lanes.this.starting = false;
			dispatch();
		}

		@Override
		public void failed(EtcdFailure failure) {
			Lanes.this.starting = false;
			failWaiting(failure);
		}

	}

}
