package io.github.etcdlock.benchmarks;

import java.nio.file.Files;
import java.util.List;

/** Measures everything, prints one table and writes the figures down. */
final class Benchmark {

	private final Options options;

	private final Field field;

	private final Results results = new Results();

	private Benchmark(Options options, Field field) {
		this.options = options;
		this.field = field;
	}

	public static void main(String[] arguments) throws Exception {
		Options options = Options.parse(arguments);
		try (Field field = new Field()) {
			new Benchmark(options, field).run();
		}
		System.exit(0);
	}

	private void run() throws Exception {
		for (Work work : Work.values()) {
			if (this.options.works().contains(work)) {
				race(work);
			}
		}
		Files.createDirectories(this.options.output());
		String table = new Report(this.results).table();
		System.out.println(table);
		Files.writeString(this.options.output().resolve("results.txt"), table);
	}

	private void race(Work work) throws Exception {
		List<Contestant> contestants = work.contestants()
			.stream()
			.filter(this.options.contestants()::contains)
			.filter(this.field::has)
			.toList();
		System.out.println("Measuring " + work.title() + " ...");
		new Race(this.field, work, this.options.window()).run(contestants, this.options.rounds(), this.results);
	}

}
