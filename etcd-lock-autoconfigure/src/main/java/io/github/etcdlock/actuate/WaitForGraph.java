package io.github.etcdlock.actuate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which process waits for which, and where they wait in a circle.
 *
 * @param waits who waits for whom, and for which key: for those right before in the line,
 * who wait for the others
 * @param circles processes each of which waits, directly or through others, for all the
 * others: a deadlock where the waiting threads are those that hold
 * @param complete whether all locks were looked at
 */
public record WaitForGraph(List<Wait> waits, List<Set<String>> circles, boolean complete) {

	/**
	 * One process waits for another.
	 *
	 * @param waiter who waits
	 * @param key for which lock
	 * @param holder who is in its way
	 */
	public record Wait(String waiter, String key, String holder) {

	}

	static WaitForGraph of(List<LockLine> locks, boolean complete) {
		Set<Wait> waits = new LinkedHashSet<>();
		for (LockLine lock : locks) {
			for (LockLine.Place waiter : lock.line()) {
				if (!waiter.held()) {
					inTheWay(lock.line(), waiter)
						.forEach((other) -> waits.add(new Wait(waiter.process(), lock.key(), other.process())));
				}
			}
		}
		List<Wait> all = waits.stream().filter((wait) -> !wait.waiter().equals(wait.holder())).toList();
		return new WaitForGraph(all, circles(all), complete);
	}

	/** A reader waits for a writer; a writer for one, or for the readers behind that. */
	private static List<LockLine.Place> inTheWay(List<LockLine.Place> line, LockLine.Place waiter) {
		List<LockLine.Place> readers = new ArrayList<>();
		for (int position = waiter.position() - 1; position >= 0; position--) {
			LockLine.Place other = line.get(position);
			if (!other.shared()) {
				return (readers.isEmpty() || waiter.shared()) ? List.of(other) : readers;
			}
			readers.add(other);
		}
		return waiter.shared() ? List.of() : readers;
	}

	/** Those who reach each other are one circle. */
	private static List<Set<String>> circles(List<Wait> waits) {
		Map<String, Set<String>> next = new LinkedHashMap<>();
		waits.forEach((wait) -> next.computeIfAbsent(wait.waiter(), (key) -> new LinkedHashSet<>()).add(wait.holder()));
		Map<String, Set<String>> reached = new LinkedHashMap<>();
		next.keySet().forEach((process) -> reached.put(process, reach(process, next)));
		List<Set<String>> circles = new ArrayList<>();
		Set<String> seen = new LinkedHashSet<>();
		reached.forEach((process, others) -> {
			if (others.contains(process) && seen.add(process)) {
				Set<String> circle = new TreeSet<>(Set.of(process));
				others.stream()
					.filter((other) -> reached.getOrDefault(other, Set.of()).contains(process))
					.forEach(circle::add);
				seen.addAll(circle);
				circles.add(circle);
			}
		});
		return circles;
	}

	private static Set<String> reach(String begin, Map<String, Set<String>> next) {
		Set<String> reached = new LinkedHashSet<>();
		Deque<String> open = new ArrayDeque<>(next.get(begin));
		while (!open.isEmpty()) {
			String process = open.pop();
			if (reached.add(process)) {
				open.addAll(next.getOrDefault(process, Set.of()));
			}
		}
		return reached;
	}

}
