package io.github.etcdlock.benchmarks;

import java.io.IOException;
import java.util.List;

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
		double[] without = new double[this.rounds];
		double[] added = new double[this.rounds];
		double[] addedWithoutEtcd = new double[this.rounds];
		millis(StartUpMain.WITHOUT);
		for (int round = 0; round < this.rounds; round++) {
			without[round] = millis(StartUpMain.WITHOUT);
			added[round] = millis("http://" + this.etcd.address()) - without[round];
			addedWithoutEtcd[round] = millis(NOBODY) - without[round];
		}
		this.results.add(new Figure(WORK, "without etcd-lock", Samples.median(without), "ms"));
		this.results.add(new Figure(WORK, ADDED, Samples.median(added), "ms"));
		this.results
			.add(new Figure(WORK, "the same while etcd cannot be reached", Samples.median(addedWithoutEtcd), "ms"));
	}

	private static double millis(String endpoint) throws IOException {
		try (JavaProcess application = JavaProcess.start(StartUpMain.class, List.of("-Xmx256m", "-XX:+UseSerialGC"),
				endpoint)) {
			return Double.parseDouble(application.expect(StartUpMain.STARTED));
		}
	}

}
