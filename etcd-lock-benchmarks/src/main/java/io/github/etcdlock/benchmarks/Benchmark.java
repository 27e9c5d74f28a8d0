package io.github.etcdlock.benchmarks;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
		Field field = new Field();
		// Also when somebody stops it before it is done.
		Runtime.getRuntime().addShutdownHook(new Thread(field::close));
		new Benchmark(options, field).run();
		System.exit(0);
	}

	private void run() throws Exception {
		for (Work work : Work.busiestFirst()) {
			if (this.options.works().contains(work)) {
				race(work);
			}
		}
		if (this.options.crowds()) {
			crowds();
		}
		Files.createDirectories(this.options.output());
		Map<String, String> machine = machine();
		new Export(this.results, machine).write(this.options.output());
		String table = new Report(this.results).table();
		System.out.println(System.lineSeparator() + machine + System.lineSeparator());
		System.out.println(table);
		Files.writeString(this.options.output().resolve("results.txt"), table);
		if (this.options.page() != null) {
			new Page(this.options.page()).write(machine, table, this.options.output());
		}
	}

	private void race(Work work) throws Exception {
		List<Contestant> contestants = work.contestants()
			.stream()
			.filter(this.options.contestants()::contains)
			.filter(this.field::has)
			.toList();
		System.out.println("Measuring " + work.title() + " ...");
		new Race(this.field, work, this.options.window(), this.options.warmUp()).run(contestants, this.options.rounds(),
				this.results);
	}

	private void crowds() throws Exception {
		System.out.println("Measuring crowds of waiters and long lines ...");
		// What they keep alive is not to be counted.
		Arrays.stream(Contestant.values()).forEach(this.field::retire);
		try {
			new Crowds(this.field, this.results, this.options.window()).run();
			new Growth(this.field, this.results).run();
			new InProcess(this.results).run();
			new StartUp(this.field, this.results, this.options.rounds()).run();
		}
		catch (IllegalStateException ex) {
			System.out.println("Not counted: crowds, " + ex.getMessage());
		}
	}

	private Map<String, String> machine() {
		Map<String, String> machine = new LinkedHashMap<>();
		machine.put("processors", "" + Runtime.getRuntime().availableProcessors());
		machine.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
				+ System.getProperty("os.arch"));
		machine.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
		machine.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
		machine.put("rounds", "" + this.options.rounds());
		machine.put("window", this.options.window().toMillis() + " ms");
		machine.put("load average at the end",
				Report.number(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
		machine.putAll(this.field.versions());
		return machine;
	}

}
