package io.github.etcdlock.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * How much is measured.
 *
 * @param rounds how often each work is measured, with all contestants in each round
 * @param window how long one measurement takes
 * @param contestants who takes part
 * @param works at what
 * @param crowds whether crowds of waiters and long lines are measured too
 * @param output the folder for what is written
 */
record Options(int rounds, Duration window, Set<Contestant> contestants, Set<Work> works, boolean crowds, Path output) {

	static final String USAGE = """
			Options: --rounds=5 --window=400 (milliseconds) --contestants=etcd_lock,raw_kv,... --works=one_thread,...
			--no-crowds --output=FOLDER; --full is --rounds=7 --window=1500
			""";

	static Options parse(String[] arguments) {
		Options options = new Options(5, Duration.ofMillis(400), EnumSet.allOf(Contestant.class),
				EnumSet.allOf(Work.class), true, Path.of("target", "benchmarks"));
		for (String argument : arguments) {
			String[] parts = argument.split("=", 2);
			options = options.with(parts[0], (parts.length > 1) ? parts[1] : "");
		}
		return options;
	}

	private Options with(String name, String value) {
		return switch (name) {
			case "--full" ->
				new Options(7, Duration.ofMillis(1500), this.contestants, this.works, this.crowds, this.output);
			case "--rounds" -> new Options(Integer.parseInt(value), this.window, this.contestants, this.works,
					this.crowds, this.output);
			case "--window" -> new Options(this.rounds, Duration.ofMillis(Long.parseLong(value)), this.contestants,
					this.works, this.crowds, this.output);
			case "--contestants" -> new Options(this.rounds, this.window, set(Contestant.class, value), this.works,
					this.crowds, this.output);
			case "--works" -> new Options(this.rounds, this.window, this.contestants, set(Work.class, value),
					this.crowds, this.output);
			case "--no-crowds" ->
				new Options(this.rounds, this.window, this.contestants, this.works, false, this.output);
			case "--output" ->
				new Options(this.rounds, this.window, this.contestants, this.works, this.crowds, Path.of(value));
			default -> throw new IllegalArgumentException("There is no option " + name + ". " + USAGE);
		};
	}

	private static <E extends Enum<E>> Set<E> set(Class<E> type, String names) {
		Set<E> set = EnumSet.noneOf(type);
		if (!names.isEmpty()) {
			Arrays.stream(names.split(","))
				.map((name) -> Enum.valueOf(type, name.toUpperCase(Locale.ROOT)))
				.forEach(set::add);
		}
		return set;
	}

}
