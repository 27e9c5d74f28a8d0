package io.github.etcdlock.etcd;

import java.util.List;

import com.google.protobuf.ByteString;
import io.github.etcdlock.LockRequest;

/**
 * What a ticket asks for: a place in the lines of these names, under a rule.
 *
 * @param kind of what
 * @param request the names, and how long to wait
 * @param admission who is let in beside whom
 */
record Claim(Kind kind, LockRequest request, Admission admission) {

	/** What has lines of its own. */
	enum Kind {

		/** A lock. */
		LOCK("lock", ""),

		/** The leadership among candidates. */
		ELECTION("leadership of", "elections"),

		/** Permits of a semaphore. */
		SEMAPHORE("semaphore", "semaphores"),

		/** Permits of a rate limiter. */
		RATE_LIMITER("rate limiter", "rate-limiters"),

		/** A part in keeping a barrier down. */
		BARRIER("barrier", "barriers"),

		/** A part in a double barrier. */
		DOUBLE_BARRIER("double barrier", "double-barriers");

		private final String noun;

		private final String segment;

		Kind(String noun, String segment) {
			this.noun = noun;
			this.segment = segment;
		}

		/** Every key of the line begins with this. */
		ByteString line(KeySpace keys, String name) {
			return (this == LOCK) ? keys.line(name) : keys.recipe(this.segment, name);
		}

	}

	static Claim lock(LockRequest request) {
		return new Claim(Kind.LOCK, request, LockAdmission.of(request.mode()));
	}

	static Claim of(Kind kind, String name, Admission admission) {
		return new Claim(kind, new LockRequest(List.of(name), admission.mode(), null, null), admission);
	}

	/** What the keys of each line begin with. */
	List<ByteString> lines(KeySpace keys) {
		return Lines.each(this.request.keys(), (name) -> this.kind.line(keys, name));
	}

	/** What it is called in messages: lock "a". */
	String text() {
		return this.kind.noun + " " + this.request.quotedKeys();
	}

}
