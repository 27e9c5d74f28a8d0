package io.github.etcdlock.benchmarks;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** One work, measured in rounds: in each round every contestant has its turn. */
final class Race {

	private static final Duration LEAST_FOR_SHARES = Duration.ofSeconds(2);

	private static final Duration LEAST_FOR_HANDOVERS = Duration.ofSeconds(1);

	private final Field field;

	private final Work work;

	private final Duration window;

	private final Duration warmUp;

	private int runs;

	Race(Field field, Work work, Duration window, Duration warmUp) {
		this.field = field;
		this.work = work;
		this.warmUp = warmUp;
		this.window = longest(window, switch (work) {
			case FOUR_PROCESSES -> LEAST_FOR_SHARES;
			case HANDOVER -> LEAST_FOR_HANDOVERS;
			default -> window;
		});
	}

	/**
	 * Before the first round, which is thrown away, each warms up; each round starts with
	 * another contestant.
	 */
	void run(List<Contestant> contestants, int rounds, Results results) throws Exception {
		List<Contestant> order = new ArrayList<>(contestants);
		for (int round = 0; round <= rounds; round++) {
			for (Contestant contestant : order) {
				try {
					if (round == 0) {
						warmUp(contestant);
					}
					Map<Metric, Double> values = measure(contestant);
					if (round > 0) {
						results.add(new Measurement(this.work, contestant, round, values));
					}
				}
				catch (IllegalStateException ex) {
					System.out
						.println("Not counted: " + contestant.title() + " in round " + round + ", " + ex.getMessage());
					this.field.retire(contestant);
				}
			}
			Collections.rotate(order, 1);
		}
	}

	/** Until hardly any of its code is compiled any more, or the time is over. */
	private void warmUp(Contestant contestant) throws IOException {
		if (this.work == Work.HANDOVER) {
			return;
		}
		long end = System.nanoTime() + this.warmUp.toNanos();
		for (int quiet = 0; quiet < 2 && System.nanoTime() - end < 0;) {
			List<LoadResult> parts = run(this.field.workers(contestant, this.work.processes()), order(contestant));
			long compiled = parts.stream().mapToLong(LoadResult::compiled).max().orElseThrow();
			quiet = (compiled * 20 < this.window.toMillis()) ? quiet + 1 : 0;
		}
	}

	private LoadOrder order(Contestant contestant) {
		return LoadOrder.of(freshKey(), contestant.threads(this.work.threads()), this.work.oneKey(), this.window);
	}

	private static Duration longest(Duration one, Duration other) {
		return (one.compareTo(other) >= 0) ? one : other;
	}

	private Map<Metric, Double> measure(Contestant contestant) throws Exception {
		return (this.work == Work.HANDOVER) ? handOver(contestant) : load(contestant);
	}

	private String freshKey() {
		return this.work.name() + "-" + this.runs++;
	}

	private Map<Metric, Double> load(Contestant contestant) throws IOException {
		List<JavaProcess> workers = this.field.workers(contestant, this.work.processes());
		Server server = this.field.server(contestant.server());
		LoadOrder order = order(contestant);
		long requests = server.requests();
		Duration cpu = server.cpu();
		List<LoadResult> parts = run(workers, order);
		double pairs = parts.stream().mapToLong(LoadResult::all).sum();
		Map<Metric, Double> values = new EnumMap<>(Metric.class);
		values.put(Metric.SERVER_CPU, server.cpu().minus(cpu).toNanos() / 1000.0 / pairs);
		values.put(Metric.REQUESTS, (server.requests() - requests) / pairs);
		values.put(Metric.CLIENT_CPU, parts.stream().mapToLong(LoadResult::cpuNanos).sum() / 1000.0 / pairs);
		values.put(Metric.RATE, parts.stream().mapToLong(LoadResult::finished).sum() * 1e9 / order.window().toNanos());
		values.put(Metric.P50, parts.stream().mapToLong(LoadResult::p50).max().orElseThrow() / 1000.0);
		values.put(Metric.P99, parts.stream().mapToLong(LoadResult::p99).max().orElseThrow() / 1000.0);
		if (parts.size() > 1) {
			values.put(Metric.LEAST_SHARE, leastShare(parts));
		}
		return values;
	}

	private static List<LoadResult> run(List<JavaProcess> workers, LoadOrder order) {
		workers.forEach((worker) -> worker.send(order.toLine()));
		return workers.stream().map((worker) -> LoadResult.parse(worker.expect(LoadResult.ANSWER))).toList();
	}

	private static double leastShare(List<LoadResult> parts) {
		double least = Double.POSITIVE_INFINITY;
		for (int second = 0; second < parts.get(0).perSecond().length; second++) {
			int now = second;
			double all = parts.stream().mapToLong((part) -> part.perSecond()[now]).sum();
			for (LoadResult part : parts) {
				least = Math.min(least, part.perSecond()[now] / (all / parts.size()));
			}
		}
		return least;
	}

	private Map<Metric, Double> handOver(Contestant contestant) throws Exception {
		Contestant writer = contestant.server().writer();
		JavaProcess noise = this.field.workers(writer, 2).get(1);
		noise.send(LoadOrder.of("noise-" + freshKey(), 1, false, this.window.plusMillis(100)).toLine());
		double[] nanos = (contestant == Contestant.RAW_WATCH) ? watched(contestant) : passed(contestant);
		noise.expect(LoadResult.ANSWER);
		Map<Metric, Double> values = new EnumMap<>(Metric.class);
		values.put(Metric.P50, Samples.median(nanos) / 1000);
		values.put(Metric.P99, Samples.percentile(nanos, 0.99) / 1000);
		values.put(Metric.RATE, nanos.length * 1e9 / this.window.toNanos());
		return values;
	}

	private double[] watched(Contestant contestant) throws Exception {
		try (DeleteWatch watch = new DeleteWatch(this.field.server(contestant.server()).address(), freshKey())) {
			return watch.run(this.window, Handovers.HOLD);
		}
	}

	private double[] passed(Contestant contestant) throws IOException {
		List<JavaProcess> workers = this.field.workers(contestant, this.work.processes());
		LoadOrder order = LoadOrder.of(freshKey(), 1, true, this.window).traced(Handovers.HOLD);
		return Handovers.between(run(workers, order).stream().map(LoadResult::moments).toList());
	}

}
