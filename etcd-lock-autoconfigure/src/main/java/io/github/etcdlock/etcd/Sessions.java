package io.github.etcdlock.etcd;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/** One living session per TTL, made when first needed. Lives on the loop. */
final class Sessions {

	/** How long a session stays that nobody uses. */
	private static final long LINGER = TimeUnit.MINUTES.toNanos(5);

	private final Engine engine;

	private final Map<Long, Session> byTtl = new HashMap<>();

	private boolean closed;

	Sessions(Engine engine) {
		this.engine = engine;
	}

	Session get(long ttlSeconds) {
		Session session = this.byTtl.get(ttlSeconds);
		if (session == null) {
			session = new Session(this.engine, ttlSeconds, (over) -> this.byTtl.remove(ttlSeconds, over));
			if (this.closed) {
				session.refuse();
				return session;
			}
			this.byTtl.put(ttlSeconds, session);
			session.start();
		}
		return session;
	}

	/** The session, which stays from now on even if nobody uses it. */
	Session lasting(long ttlSeconds) {
		Session session = get(ttlSeconds);
		session.keep();
		return session;
	}

	/** The session, if its lease is there already. */
	@Nullable Session started(long ttlSeconds) {
		Session session = this.byTtl.get(ttlSeconds);
		return (session != null && session.state() != Session.State.STARTING) ? session : null;
	}

	Collection<Session> all() {
		return List.copyOf(this.byTtl.values());
	}

	/** Ends every session, and begins no other. */
	void close() {
		this.closed = true;
		all().forEach(Session::close);
	}

	void tick() {
		for (Session session : all()) {
			session.tick();
			if (session.idleFor(LINGER)) {
				session.close();
			}
		}
	}

}
