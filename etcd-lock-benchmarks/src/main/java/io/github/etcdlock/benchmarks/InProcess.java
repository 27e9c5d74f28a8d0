package io.github.etcdlock.benchmarks;

import java.util.Comparator;

import io.github.etcdlock.etcd.KeyEncoding;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** What happens without etcd, measured by JMH. */
final class InProcess {

	static final String WORK = "in this process, by JMH";

	private final Results results;

	InProcess(Results results) {
		this.results = results;
	}

	void run() throws RunnerException {
		new Runner(new OptionsBuilder().include(JoinedCalls.class.getName())
			.include(KeyEncoding.class.getName())
			.forks(1)
			.warmupIterations(3)
			.measurementIterations(5)
			.warmupTime(TimeValue.milliseconds(500))
			.measurementTime(TimeValue.milliseconds(500))
			.verbosity(VerboseMode.SILENT)
			.build()).run()
			.stream()
			.sorted(Comparator.comparing((one) -> one.getParams().getBenchmark()))
			.forEach(this::add);
	}

	private void add(RunResult result) {
		String name = result.getParams().getBenchmark();
		this.results.add(new Figure(WORK, name.substring(name.lastIndexOf('.') + 1),
				result.getPrimaryResult().getScore(), result.getPrimaryResult().getScoreUnit()));
	}

}
