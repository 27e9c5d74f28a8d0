package io.github.etcdlock.chaos;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.etcdlock.chaos.Event.Kind;

/** What a run has shown, as text. */
final class Report {

	private static final int EXAMPLES = 5;

	private final History history;

	private final Verdict verdict;

	private final String run;

	Report(String run, History history, Verdict verdict) {
		this.run = run;
		this.history = history;
		this.verdict = verdict;
	}

	Verdict verdict() {
		return this.verdict;
	}

	long count(Kind kind) {
		return this.history.events().stream().filter((event) -> event.kind() == kind).count();
	}

	int faults() {
		return this.history.strikes().size();
	}

	@Override
	public String toString() {
		StringBuilder text = new StringBuilder(this.run).append('\n');
		text.append(
				"%,d acquisitions, %,d accepted and %,d refused calls, %,d losses, %,d waits in vain, %,d without etcd%n"
					.formatted(count(Kind.ACQUIRED), count(Kind.ACCEPTED), count(Kind.REFUSED), count(Kind.LOST),
							count(Kind.GAVE_UP), count(Kind.FAILED)));
		text.append("%,d guarded writes made, %,d refused because the lock was lost, %,d not made, %,d not known%n"
			.formatted(count(Kind.WRITTEN), count(Kind.STALE), count(Kind.UNWRITTEN), count(Kind.UNSURE)));
		text.append("%,d faults: %s%n".formatted(faults(), byName(this.history.strikes())));
		text.append("noticed besides: %s%n".formatted(byName(this.history.noticed())));
		text.append("slowest recovery: %,d ms%n".formatted(slowestRecovery().toMillis()));
		for (Invariant invariant : Invariant.values()) {
			List<String> violations = this.verdict.violations(invariant);
			text.append("%,9d checks, %,d violations%s: %s%n".formatted(this.verdict.checked(invariant),
					violations.size(), rate(invariant), invariant));
			violations.stream()
				.limit(EXAMPLES)
				.forEach((violation) -> text.append("    ").append(violation).append('\n'));
		}
		text.append("in this order, at seconds after the start:").append('\n');
		long start = this.history.readyAt();
		Stream.concat(this.history.strikes().stream(), this.history.noticed().stream())
			.sorted(Comparator.comparing(Strike::from))
			.forEach((strike) -> text.append("%,9.1f %s on %s for %,d ms%n".formatted((strike.from() - start) / 1e9,
					strike.name(), strike.victim(), strike.length() / 1_000_000)));
		return text.toString();
	}

	/** What so many checks without a violation say: less than 3 in n, at 95 %. */
	private String rate(Invariant invariant) {
		int checked = this.verdict.checked(invariant);
		boolean clean = checked > 0 && this.verdict.violations(invariant).isEmpty();
		return clean ? ", rate below %.4f %% at 95 %%".formatted(Math.min(100, 300.0 / checked)) : "";
	}

	private Duration slowestRecovery() {
		return Duration.ofNanos(this.history.recoveries().stream().mapToLong(History.Recovery::nanos).max().orElse(0));
	}

	private static String byName(List<Strike> strikes) {
		Map<String, Long> counts = new TreeMap<>(
				strikes.stream().collect(Collectors.groupingBy(Strike::name, Collectors.counting())));
		return counts.entrySet()
			.stream()
			.map((entry) -> entry.getKey() + " " + entry.getValue())
			.collect(Collectors.joining(", "));
	}

}
