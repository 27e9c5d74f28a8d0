package io.github.etcdlock.etcd;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.github.etcdlock.LockMode;
import io.github.etcdlock.LockRequest;
import org.jspecify.annotations.Nullable;

/**
 * What {@code execute} promises to owners who never wait, without etcd, threads or time:
 * who may enter, how deep each is, and which tokens are possible.
 */
final class LockModel {

	/** What becomes of a wish to enter. */
	enum Outcome {

		/** A lock of its own. */
		GRANTED,

		/** One level deeper in a lock that the owner holds. */
		JOINED,

		/** Somebody else is in the way. */
		BUSY,

		/** The owner is in its own way. */
		REFUSED

	}

	private record Holding(List<String> keys, LockMode mode, long token) {

		boolean inTheWayOf(LockRequest request) {
			return request.keys().stream().anyMatch(this.keys::contains)
					&& !(this.mode == LockMode.SHARED && request.mode() == LockMode.SHARED);
		}

	}

	/**
	 * For each owner, innermost first; a joined lock stands there once for each level.
	 */
	private final List<Deque<Holding>> held = new ArrayList<>();

	private final Map<String, Long> highestWriter = new HashMap<>();

	private final Map<String, Long> highestReader = new HashMap<>();

	LockModel(int owners) {
		for (int i = 0; i < owners; i++) {
			this.held.add(new ArrayDeque<>());
		}
	}

	Outcome outcome(int owner, LockRequest request) {
		for (Holding mine : this.held.get(owner)) {
			if (mine.keys().containsAll(request.keys())) {
				boolean upgrade = mine.mode() == LockMode.SHARED && request.mode() == LockMode.EXCLUSIVE;
				return upgrade ? Outcome.REFUSED : Outcome.JOINED;
			}
			if (!Collections.disjoint(mine.keys(), request.keys())) {
				return Outcome.REFUSED;
			}
		}
		boolean busy = this.held.stream().flatMap(Deque::stream).anyMatch((other) -> other.inTheWayOf(request));
		return busy ? Outcome.BUSY : Outcome.GRANTED;
	}

	/** Whether a new lock may have this token. */
	boolean possible(LockRequest request, long token) {
		return request.keys()
			.stream()
			.allMatch((key) -> token > this.highestWriter.getOrDefault(key, 0L)
					&& (request.mode() == LockMode.SHARED || token > this.highestReader.getOrDefault(key, 0L)));
	}

	void granted(int owner, LockRequest request, long token) {
		this.held.get(owner).push(new Holding(request.keys(), request.mode(), token));
		Map<String, Long> highest = (request.mode() == LockMode.SHARED) ? this.highestReader : this.highestWriter;
		request.keys().forEach((key) -> highest.merge(key, token, Math::max));
	}

	/** Joins, and returns the token of the lock that is joined. */
	long joined(int owner, LockRequest request) {
		Deque<Holding> mine = this.held.get(owner);
		Holding joined = mine.stream()
			.filter((holding) -> holding.keys().containsAll(request.keys()))
			.findFirst()
			.orElseThrow();
		mine.push(joined);
		return joined.token();
	}

	void left(int owner) {
		this.held.get(owner).pop();
	}

	int depth(int owner) {
		return this.held.get(owner).size();
	}

	/** The token of the innermost lock, or null without one. */
	@Nullable Long current(int owner) {
		Holding innermost = this.held.get(owner).peek();
		return (innermost != null) ? innermost.token() : null;
	}

	boolean holds(int owner, String key) {
		return this.held.get(owner).stream().anyMatch((holding) -> holding.keys().contains(key));
	}

	boolean free(String key) {
		return this.held.stream().flatMap(Deque::stream).noneMatch((holding) -> holding.keys().contains(key));
	}

}
