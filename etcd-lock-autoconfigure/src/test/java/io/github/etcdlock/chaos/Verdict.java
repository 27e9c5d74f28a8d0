package io.github.etcdlock.chaos;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** How often each invariant was checked, and how it was violated. */
final class Verdict {

	private final Map<Invariant, Integer> checked = new EnumMap<>(Invariant.class);

	private final Map<Invariant, List<String>> violations = new EnumMap<>(Invariant.class);

	void check(Invariant invariant, boolean holds, Supplier<String> otherwise) {
		this.checked.merge(invariant, 1, Integer::sum);
		if (!holds) {
			this.violations.computeIfAbsent(invariant, (key) -> new ArrayList<>()).add(otherwise.get());
		}
	}

	int checked(Invariant invariant) {
		return this.checked.getOrDefault(invariant, 0);
	}

	List<String> violations(Invariant invariant) {
		return this.violations.getOrDefault(invariant, List.of());
	}

	Set<Invariant> violated() {
		return this.violations.isEmpty() ? Set.of() : EnumSet.copyOf(this.violations.keySet());
	}

	int violations() {
		return this.violations.values().stream().mapToInt(List::size).sum();
	}

}
