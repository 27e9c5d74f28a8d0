package io.github.etcdlock.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * How much is measured.
 *
 * @param rounds how often each work is measured, with all contestants in each round
 * @param window how long one measurement takes
 * @param warmUp for how long a work is done at most before it is measured
 * @param contestants who takes part
 * @param works at what
 * @param crowds whether crowds of waiters, long lines and calls without etcd are measured
 * too
 * @param output the folder for what is written
 * @param page the folder of the page that shows the figures, if it shall be written anew
 */
record Options(int rounds, Duration window, Duration warmUp, Set<Contestant> contestants, Set<Work> works,
		boolean crowds, Path output, @Nullable Path page) {

	private static final List<String> NAMES = List.of("--full", "--rounds", "--window", "--warm-up", "--contestants",
			"--works", "--no-crowds", "--output", "--page");

	private static final String USAGE = """
			Options: --full (--window=1000 --warm-up=30000), --rounds=5, --window=250 and --warm-up=500
			(milliseconds), --no-crowds,
			--contestants=etcd_lock,raw_kv,..., --works=one_thread,..., --output=FOLDER, --page=FOLDER""";

	static Options parse(String[] arguments) {
		Map<String, String> given = new LinkedHashMap<>();
		for (String argument : arguments) {
			String[] parts = argument.split("=", 2);
			if (!NAMES.contains(parts[0])) {
				throw new IllegalArgumentException("There is no option " + parts[0] + ". " + USAGE);
			}
			given.put(parts[0], (parts.length > 1) ? parts[1] : "");
		}
		boolean full = given.containsKey("--full");
		String page = given.get("--page");
		return new Options(Integer.parseInt(given.getOrDefault("--rounds", "5")),
				Duration.ofMillis(Long.parseLong(given.getOrDefault("--window", full ? "1000" : "250"))),
				Duration.ofMillis(Long.parseLong(given.getOrDefault("--warm-up", full ? "30000" : "500"))),
				set(Contestant.class, given.get("--contestants")), set(Work.class, given.get("--works")),
				!given.containsKey("--no-crowds"), Path.of(given.getOrDefault("--output", "target/benchmarks")),
				(page != null) ? Path.of(page) : null);
	}

	private static <E extends Enum<E>> Set<E> set(Class<E> type, @Nullable String names) {
		if (names == null) {
			return EnumSet.allOf(type);
		}
		Set<E> set = EnumSet.noneOf(type);
		Arrays.stream(names.split(","))
			.filter((name) -> !name.isEmpty())
			.map((name) -> Enum.valueOf(type, name.toUpperCase(Locale.ROOT)))
			.forEach(set::add);
		return set;
	}

}
