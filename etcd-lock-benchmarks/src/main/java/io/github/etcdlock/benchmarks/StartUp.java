package io.github.etcdlock.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** How long an application takes to start, each time in a JVM of its own. */
final class StartUp {

	static final String WORK = "start-up of a Spring Boot application without a web server";

	static final String ADDED = "more with etcd-lock, median of the rounds";

	private static final String NOBODY = "http://127.0.0.1:1";

	private final EtcdServer etcd;

	private final Results results;

	private final int rounds;

	StartUp(Field field, Results results, int rounds) {
		this.etcd = (EtcdServer) field.server(ServerKind.ETCD);
		this.results = results;
		this.rounds = rounds;
	}

	void run() throws IOException {
		List<Start> without = new ArrayList<>();
		List<Start> with = new ArrayList<>();
		List<Start> withoutEtcd = new ArrayList<>();
		start(StartUpMain.WITHOUT);
		for (int round = 0; round < this.rounds; round++) {
			without.add(start(StartUpMain.WITHOUT));
			with.add(start("http://" + this.etcd.address()));
			withoutEtcd.add(start(NOBODY));
		}
		add("without etcd-lock", Samples.median(without.stream().mapToDouble(Start::millis).toArray()), "ms");
		add(ADDED, more(with, without, Start::millis), "ms");
		add("the same while etcd cannot be reached", more(withoutEtcd, without, Start::millis), "ms");
		add("of it, CPU of the thread that starts it", more(withoutEtcd, without, Start::cpu), "ms");
		add("classes loaded for it", more(withoutEtcd, without, Start::classes), "");
	}

	private void add(String what, double value, String unit) {
		this.results.add(new Figure(WORK, what, value, unit));
	}

	private static double more(List<Start> with, List<Start> without, ToDoubleFunction<Start> figure) {
		return Samples.median(IntStream.range(0, with.size())
			.mapToDouble((i) -> figure.applyAsDouble(with.get(i)) - figure.applyAsDouble(without.get(i)))
			.toArray());
	}

	private static Start start(String endpoint) throws IOException {
		try (JavaProcess application = JavaProcess.start(StartUpMain.class, List.of("-Xmx256m", "-XX:+UseSerialGC"),
				endpoint)) {
			String[] figures = application.expect(StartUpMain.STARTED).split(" ");
			return new Start(Double.parseDouble(figures[0]), Double.parseDouble(figures[1]),
					Double.parseDouble(figures[2]));
		}
	}

	/** One start: how long it took, the CPU of its thread, and the classes loaded. */
	private record Start(double millis, double cpu, double classes) {
	}

}
