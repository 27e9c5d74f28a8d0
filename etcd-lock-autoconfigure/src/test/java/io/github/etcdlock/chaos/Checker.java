package io.github.etcdlock.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.chaos.Event.Kind;
import io.github.etcdlock.chaos.Fault.Price;
import io.github.etcdlock.chaos.History.Recovery;

/** Holds a history against the invariants. */
final class Checker {

	static final long SECOND = TimeUnit.SECONDS.toNanos(1);

	private static final long RECOVERY_BOUND = 10 * SECOND;

	private final History history;

	private final List<Strike> strikes;

	private final long ttl;

	private final Verdict verdict = new Verdict();

	/** By key, in the order of their tokens. */
	private final Map<String, List<Turn>> turns = new TreeMap<>();

	Checker(History history, Duration ttl) {
		this.history = history;
		this.strikes = history.strikes();
		this.ttl = ttl.toNanos();
	}

	Verdict check() {
		readTurns();
		checkCalls();
		this.turns.forEach((key, line) -> {
			line.sort(Comparator.comparing(Turn::token).thenComparing(Turn::acquired));
			checkTokens(key, line);
			checkHolders(key, line);
			new Pace(this.verdict, this.history, this.ttl).check(key, line);
		});
		for (Recovery recovery : this.history.recoveries()) {
			this.verdict.check(Invariant.RECOVERY, recovery.nanos() <= RECOVERY_BOUND, recovery::toString);
		}
		List<String> left = this.history.leftovers();
		this.verdict.check(Invariant.NOTHING_IS_LEFT, left.isEmpty(), left::toString);
		return this.verdict;
	}

	private void readTurns() {
		Map<String, Long> asked = new HashMap<>();
		Map<String, Turn> byToken = new HashMap<>();
		for (Event event : this.history.events()) {
			String client = event.client() + " " + event.key();
			if (event.kind() == Kind.ASKED) {
				asked.put(client, event.at());
			}
			else if (event.kind() == Kind.ACQUIRED) {
				Turn turn = new Turn(event, asked.getOrDefault(client, event.at()));
				byToken.put(client + " " + event.token(), turn);
				this.turns.computeIfAbsent(event.key(), (key) -> new ArrayList<>()).add(turn);
			}
			else if (byToken.containsKey(client + " " + event.token())) {
				byToken.get(client + " " + event.token()).add(event);
			}
		}
	}

	private void checkCalls() {
		Fence fence = new Fence();
		Map<String, Event> refused = new HashMap<>();
		for (Event event : this.history.events()) {
			if (event.kind() == Kind.ACCEPTED) {
				this.verdict.check(Invariant.ACCEPTED_TOKENS_NEVER_FALL, fence.admits(event), event::toString);
				fence.accepted(event);
			}
			else if (event.kind() == Kind.REFUSED) {
				refused.put(event.client(), event);
			}
			else if (event.kind() == Kind.SEEN && refused.containsKey(event.client())) {
				Event call = refused.remove(event.client());
				this.verdict.check(Invariant.REFUSED_MEANS_NOT_HELD, !event.proven() || brokenWord(call.at()),
						() -> event + " after " + call);
			}
		}
	}

	private void checkTokens(String key, List<Turn> line) {
		Set<Long> seen = new HashSet<>();
		Turn before = null;
		for (Turn turn : line) {
			this.verdict.check(Invariant.TOKENS_ARE_UNIQUE, seen.add(turn.token()) || turn.shared(),
					() -> key + ": " + turn);
			if (before != null) {
				Turn lower = before;
				this.verdict.check(Invariant.TOKENS_RISE,
						turn.released() == Turn.NEVER || turn.released() > lower.asked() || !turn.excludes(lower),
						() -> key + ": " + lower + " asked after the release of " + turn);
			}
			before = turn;
		}
	}

	/**
	 * Compares each holder with the first of all that have a higher token and exclude it.
	 */
	private void checkHolders(String key, List<Turn> line) {
		Turn next = null;
		Turn nextWriter = null;
		for (int i = line.size() - 1; i >= 0; i--) {
			Turn turn = line.get(i);
			Turn rival = turn.shared() ? nextWriter : next;
			if (rival != null) {
				checkHolder(key, turn, rival);
			}
			if (turn.wasLost()) {
				this.verdict.check(Invariant.NO_FALSE_LOSS, lossIsDue(turn), () -> key + ": " + turn);
			}
			if (next == null || turn.acquired() < next.acquired()) {
				next = turn;
			}
			if (!turn.shared() && (nextWriter == null || turn.acquired() < nextWriter.acquired())) {
				nextWriter = turn;
			}
		}
	}

	private void checkHolder(String key, Turn turn, Turn next) {
		long grace = brokenWord(next.acquired()) ? SECOND : 0;
		this.verdict.check(Invariant.ONE_PROVEN_HOLDER, turn.lastProven() <= next.acquired() + grace,
				() -> key + ": " + turn + ", last proven at " + turn.lastProven() + ", and " + next);
		// Whoever has begun to release hears of a loss only when etcd did not confirm the
		// release.
		if (turn.lost() < turn.releasing() && !paused(turn)) {
			this.verdict.check(Invariant.LOSS_IS_REPORTED_IN_TIME, turn.lost() <= next.acquired() + grace,
					() -> key + ": " + turn + ", told at " + turn.lost() + ", and " + next);
		}
	}

	/**
	 * Whether etcd, or somebody who works on it, may have taken a living holder's lock
	 * just then.
	 */
	private boolean brokenWord(long time) {
		return this.strikes.stream()
			.anyMatch((strike) -> strike.fault().price() == Price.SESSION_AT_ONCE
					&& strike.overlaps(time, time, this.ttl + 3 * SECOND));
	}

	private boolean paused(Turn turn) {
		return this.strikes.stream()
			.anyMatch((strike) -> strike.fault().harm() == Fault.Harm.WORKER && strike.victim().equals(turn.worker())
					&& strike.overlaps(turn.acquired(), turn.lost(), SECOND));
	}

	private boolean lossIsDue(Turn turn) {
		return this.strikes.stream()
			.anyMatch((strike) -> strike.fault().price() != Price.NOTHING && strike.hits(turn.worker())
					&& (strike.length() > this.ttl / 2 || strike.fault().price() == Price.SESSION_AT_ONCE)
					&& strike.overlaps(turn.lost(), turn.lost(), this.ttl + SECOND));
	}

}
