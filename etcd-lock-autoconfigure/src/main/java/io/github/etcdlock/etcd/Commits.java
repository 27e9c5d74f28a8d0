package io.github.etcdlock.etcd;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Transactions under way, each with a marker of its own, which the next one takes over.
 * Lives on the loop.
 */
final class Commits {

	private final Engine engine;

	private final Sessions sessions;

	private final Deque<Marker> free = new ArrayDeque<>();

	Commits(Engine engine, Sessions sessions) {
		this.engine = engine;
		this.sessions = sessions;
	}

	/** Begins a transaction; from anywhere. */
	Commit begin(Commit.Request request) {
		Commit commit = new Commit(this.engine, this, request);
		this.engine.loop().run(commit::begin);
		return commit;
	}

	Session session() {
		return this.sessions.get(this.engine.settings().ttl().toSeconds());
	}

	Marker marker(Session session) {
		for (Marker marker = this.free.poll(); marker != null; marker = this.free.poll()) {
			if (marker.session() == session) {
				return marker;
			}
		}
		return new Marker(session, this.engine.keys().marker(session.unique()));
	}

	/** It can serve another. */
	void done(Marker marker) {
		if (!marker.session().over()) {
			this.free.push(marker);
		}
	}

}
