package io.github.etcdlock.chaos;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

/** Who waited for which lock, and when, until it was served, failed, or died. */
final class Waits {

	private final Map<String, List<Wait>> byKey = new TreeMap<>();

	private final Map<String, Wait> open = new HashMap<>();

	private final Map<String, String> lives = new HashMap<>();

	private final List<Strike> strikes;

	private final long ttl;

	private long end = Long.MIN_VALUE;

	Waits(List<Event> events, List<Strike> strikes, long ttl) {
		this.strikes = strikes;
		this.ttl = ttl;
		events.forEach(this::add);
		this.open.values().forEach((wait) -> wait.end = this.end);
	}

	private void add(Event event) {
		endFormerLife(event);
		this.end = Math.max(this.end, event.at());
		String client = event.client() + " " + event.key();
		switch (event.kind()) {
			case ASKED -> {
				Wait wait = new Wait(event.worker(), event.at());
				endAt(this.open.put(client, wait), event.at());
				this.byKey.computeIfAbsent(event.key(), (key) -> new ArrayList<>()).add(wait);
			}
			case ACQUIRED, GAVE_UP, FAILED -> endAt(this.open.remove(client), event.at());
			default -> {
				// is no part of waiting
			}
		}
	}

	private static void endAt(@Nullable Wait wait, long time) {
		if (wait != null) {
			wait.end = time;
		}
	}

	/** What a killed worker waited for, its next life does not. */
	private void endFormerLife(Event event) {
		String life = event.client().substring(0, event.client().indexOf('/') + 1);
		String former = this.lives.put(event.worker(), life);
		if (former != null && !former.equals(life)) {
			this.open.entrySet().removeIf((entry) -> {
				boolean ended = entry.getKey().startsWith(former);
				if (ended) {
					entry.getValue().end = event.at();
				}
				return ended;
			});
		}
	}

	/** All locks that somebody asked for. */
	Set<String> keys() {
		return this.byKey.keySet();
	}

	/** The last moment of which anything is known. */
	long end() {
		return this.end;
	}

	/**
	 * How much of some time at least one worker waited for a lock that nothing kept from
	 * it: a worker that is hit waits for more than locks, and so it does for a TTL more,
	 * which is what its next session may cost it.
	 */
	long waited(String key, long from, long to) {
		long waited = 0;
		long counted = from;
		List<long[]> spans = new ArrayList<>();
		for (Wait wait : this.byKey.get(key)) {
			if (wait.asked < to && wait.end > from) {
				whole(wait, Math.max(from, wait.asked), Math.min(to, wait.end), spans);
			}
		}
		spans.sort(Comparator.comparing((span) -> span[0]));
		for (long[] span : spans) {
			long begin = Math.max(counted, span[0]);
			if (span[1] > begin) {
				waited += span[1] - begin;
				counted = span[1];
			}
		}
		return waited;
	}

	/** What is left of a span without the strikes on the worker that waits. */
	private void whole(Wait wait, long from, long to, List<long[]> spans) {
		long begin = from;
		for (Strike strike : this.strikes) {
			if (strike.victim().equals(wait.worker) && strike.overlaps(begin, to, this.ttl)) {
				if (strike.from() > begin) {
					spans.add(new long[] { begin, strike.from() });
				}
				begin = strike.to() + this.ttl;
			}
		}
		if (begin < to) {
			spans.add(new long[] { begin, to });
		}
	}

	/** Until when somebody waited who had done so before a moment; that if nobody did. */
	long longest(String key, long since) {
		return this.byKey.get(key)
			.stream()
			.filter((wait) -> wait.asked < since)
			.mapToLong((wait) -> wait.end)
			.reduce(since, Math::max);
	}

	/**
	 * Whether the strike hit a worker that had asked before a moment, and stood in the
	 * line, or may have, at some time between.
	 */
	boolean hitsOneAhead(Strike strike, String key, long asked, long from, long to) {
		return strike.overlaps(from, to, 0) && this.byKey.getOrDefault(key, List.of())
			.stream()
			.anyMatch((wait) -> strike.victim().equals(wait.worker) && wait.asked < asked + Pace.ARRIVAL
					&& wait.end > from && strike.overlaps(Math.max(wait.asked, from), Math.min(wait.end, to), 0));
	}

	private static final class Wait {

		private final String worker;

		private final long asked;

		private long end;

		Wait(String worker, long asked) {
			this.worker = worker;
			this.asked = asked;
		}

	}

}
