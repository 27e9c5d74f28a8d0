package io.github.etcdlock.chaos;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

import io.github.etcdlock.chaos.Event.Kind;
import io.github.etcdlock.chaos.History.Entry;

/** Checks of what was written through guards. */
final class Entries {

	private final Verdict verdict;

	private final History history;

	Entries(Verdict verdict, History history) {
		this.verdict = verdict;
		this.history = history;
	}

	/**
	 * Each writer writes one more than it has read, so of two that did not follow one
	 * another both wrote the same number.
	 */
	void check() {
		List<Entry> entries = this.history.entries();
		if (entries.isEmpty()) {
			return;
		}
		Map<String, List<Entry>> ledgers = new TreeMap<>();
		entries.forEach((entry) -> ledgers.computeIfAbsent(entry.ledger(), (ledger) -> new ArrayList<>()).add(entry));
		ledgers.values().forEach((ledger) -> {
			ledger.sort(Comparator.comparing(Entry::number));
			for (int i = 0; i < ledger.size(); i++) {
				Entry entry = ledger.get(i);
				this.verdict.check(Invariant.NO_UPDATE_IS_LOST, entry.number() == i + 1, entry::toString);
			}
		});
		Set<String> made = entries.stream().map(Entry::name).collect(Collectors.toSet());
		for (Event event : this.history.events()) {
			if (event.kind() == Kind.WRITTEN || event.kind() == Kind.STALE || event.kind() == Kind.UNWRITTEN) {
				this.verdict.check(Invariant.WRITES_ARE_AS_TOLD,
						made.contains(event.key()) == (event.kind() == Kind.WRITTEN), event::toString);
			}
		}
	}

}
