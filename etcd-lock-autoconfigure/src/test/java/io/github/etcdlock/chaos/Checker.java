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
import io.github.etcdlock.chaos.History.Recovery;

/** Holds a history against the invariants. */
final class Checker {

	static final long SECOND = TimeUnit.SECONDS.toNanos(1);

	private static final long RECOVERY_BOUND = 10 * SECOND;

	private final History history;

	private final Strikes strikes;

	private final long ttl;

	private final Verdict verdict = new Verdict();

	/** By key, in the order of their tokens. */
	private final Map<String, List<Turn>> turns = new TreeMap<>();

	Checker(History history, Duration ttl) {
		this.history = history;
		this.ttl = ttl.toNanos();
		this.strikes = new Strikes(history.strikes(), history.noticed(), this.ttl);
	}

	Verdict check() {
		readTurns();
		Waits waits = new Waits(this.history.events(), this.strikes.all(), this.ttl);
		Pace pace = new Pace(this.verdict, this.history, this.strikes, waits, this.ttl);
		Permits permits = new Permits(this.verdict, this.strikes);
		checkCalls();
		this.turns.forEach((key, line) -> {
			line.sort(Comparator.comparing(Turn::token).thenComparing(Turn::acquired));
			checkTokens(key, line);
			checkHolders(key, line);
			permits.check(key, line);
		});
		waits.keys().forEach((key) -> pace.check(key, this.turns.getOrDefault(key, List.of())));
		new Ticks(this.verdict, this.history, this.strikes, this.ttl)
			.check(this.turns.getOrDefault(ScheduledRuns.KEY, List.of()));
		new Deliveries(this.verdict, this.history, this.strikes, this.ttl).check();
		new Entries(this.verdict, this.history).check();
		for (Recovery recovery : this.history.recoveries()) {
			this.verdict.check(Invariant.RECOVERY, recovery.nanos() <= RECOVERY_BOUND, recovery::toString);
		}
		for (Event event : this.history.events()) {
			if (event.kind() == Kind.BALANCED || event.kind() == Kind.UNBALANCED) {
				this.verdict.check(Invariant.BOOKS_ARE_RIGHT, event.kind() == Kind.BALANCED, event::toString);
			}
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
		Map<String, Event> highest = new HashMap<>();
		Map<String, Event> refused = new HashMap<>();
		for (Event event : this.history.events()) {
			if (event.kind() == Kind.ACCEPTED) {
				this.verdict.check(Invariant.ACCEPTED_TOKENS_NEVER_FALL, fence.admits(event), event::toString);
				fence.accepted(event);
				highest.merge(event.key(), event, (before, now) -> (now.token() > before.token()) ? now : before);
			}
			else if (event.kind() == Kind.REFUSED) {
				refused.put(event.client(), event);
			}
			else if (event.kind() == Kind.SEEN && refused.containsKey(event.client())) {
				Event call = refused.remove(event.client());
				Event successor = highest.getOrDefault(call.key(), call);
				long until = successor.at() + this.strikes.grace(successor.at(), call.key(), call.worker());
				this.verdict.check(Invariant.REFUSED_MEANS_NOT_HELD, !event.proven() || event.at() <= until,
						() -> event + " after " + call + " and " + successor);
			}
		}
	}

	private void checkTokens(String key, List<Turn> line) {
		boolean terms = key.equals(Elections.KEY);
		Set<Long> seen = new HashSet<>();
		Turn before = null;
		for (Turn turn : line) {
			this.verdict.check(terms ? Invariant.ONE_LEADER_A_TERM : Invariant.TOKENS_ARE_UNIQUE,
					seen.add(turn.token()) || turn.shared(), () -> key + ": " + turn);
			if (before != null) {
				Turn lower = before;
				this.verdict.check(terms ? Invariant.TERMS_RISE : Invariant.TOKENS_RISE,
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
			// Before, whoever competes with JVMs that start may be kept from renewing.
			if (turn.wasLost() && turn.lost() > this.history.readyAt()) {
				this.verdict.check(Invariant.NO_FALSE_LOSS, this.strikes.mayCost(turn.worker(), key, turn.lost()),
						() -> key + ": " + turn);
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
		long until = next.acquired() + this.strikes.grace(next.acquired(), key, turn.worker());
		this.verdict.check(Invariant.ONE_PROVEN_HOLDER, turn.lastProven() <= until,
				() -> key + ": " + turn + ", last proven at " + turn.lastProven() + ", and " + next);
		long known = this.strikes.known(turn.worker(), turn.acquired(), until);
		// Whoever has begun to release hears of a loss only when etcd did not confirm the
		// release; whoever was killed hears nothing.
		boolean told = turn.lost() < turn.releasing();
		boolean ignorant = turn.releasing() > known && turn.last() > known;
		if (told || ignorant) {
			this.verdict.check(Invariant.LOSS_IS_REPORTED_IN_TIME, turn.lost() <= known, () -> key + ": " + turn
					+ (turn.wasLost() ? ", told at " + turn.lost() : ", never told") + ", and " + next);
		}
	}

}
