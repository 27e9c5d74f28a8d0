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
		Map<String, Event> highest = new HashMap<>();
		Map<String, Event> refused = new HashMap<>();
		for (Event event : this.history.events()) {
			if (event.kind() == Kind.ACCEPTED) {
				Event before = highest.put(event.key(), event);
				this.verdict.check(Invariant.ACCEPTED_TOKENS_NEVER_FALL,
						before == null || before.token() <= event.token(), () -> event + " after " + before);
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
			this.verdict.check(Invariant.TOKENS_ARE_UNIQUE, seen.add(turn.token()), () -> key + ": " + turn);
			if (before != null) {
				Turn lower = before;
				this.verdict.check(Invariant.TOKENS_RISE,
						turn.released() == Turn.NEVER || turn.released() > lower.asked(),
						() -> key + ": " + lower + " asked after the release of " + turn);
			}
			before = turn;
		}
	}

	/** Compares each holder with the first of all that have a higher token. */
	private void checkHolders(String key, List<Turn> line) {
		Turn next = null;
		for (int i = line.size() - 1; i >= 0; i--) {
			Turn turn = line.get(i);
			if (next != null) {
				checkHolder(key, turn, next);
			}
			if (turn.wasLost()) {
				this.verdict.check(Invariant.NO_FALSE_LOSS, lossIsDue(turn), () -> key + ": " + turn);
			}
			if (next == null || turn.acquired() < next.acquired()) {
				next = turn;
			}
		}
	}

	private void checkHolder(String key, Turn turn, Turn next) {
		long grace = brokenWord(next.acquired()) ? SECOND : 0;
		this.verdict.check(Invariant.ONE_PROVEN_HOLDER, turn.lastProven() <= next.acquired() + grace,
				() -> key + ": " + turn + ", last proven at " + turn.lastProven() + ", and " + next);
		if (turn.wasLost() && !paused(turn)) {
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
