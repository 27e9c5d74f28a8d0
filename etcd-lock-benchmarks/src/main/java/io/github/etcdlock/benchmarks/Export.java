package io.github.etcdlock.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The results as files: JSON for programs, charts for pages. */
final class Export {

	private final Results results;

	private final Map<String, String> machine;

	Export(Results results, Map<String, String> machine) {
		this.results = results;
		this.machine = machine;
	}

	void write(Path folder) throws IOException {
		Files.writeString(folder.resolve("results.json"), json());
		for (Work work : Work.values()) {
			if (!work.contestants().stream().allMatch((one) -> this.results.of(work, one).isEmpty())) {
				boolean handover = work == Work.HANDOVER;
				chart(folder, work, handover ? Metric.P50 : Metric.RATE, handover ? "µs, median, less is better"
						: (work.isOfQueues() ? "items offered and taken" : "pairs of lock and unlock") + " per second");
			}
		}
		if (!this.results.of(Work.SIXTY_FOUR_THREADS, Contestant.ETCD_LOCK).isEmpty()) {
			chart(folder, Work.SIXTY_FOUR_THREADS, Metric.CLIENT_CPU, "client CPU per pair, µs, less is better");
		}
	}

	private void chart(Path folder, Work work, Metric metric, String unit) throws IOException {
		BarChart chart = new BarChart(work.title() + ": " + unit + ", logarithmic");
		work.contestants()
			.forEach((one) -> chart.add(one.title(), this.results.median(work, one, metric), one == work.ours()));
		String name = (work.name() + "-" + metric.name()).toLowerCase(Locale.ROOT).replace('_', '-');
		Files.writeString(folder.resolve(name + ".svg"), chart.toSvg());
	}

	private String json() {
		String about = this.machine.entrySet()
			.stream()
			.map((entry) -> quote(entry.getKey()) + ": " + quote(entry.getValue()))
			.collect(Collectors.joining(", "));
		String measurements = this.results.measurements()
			.stream()
			.map(Export::json)
			.collect(Collectors.joining(",\n    "));
		String figures = this.results.figures()
			.stream()
			.map((one) -> "{\"work\": " + quote(one.work()) + ", \"what\": " + quote(one.what()) + ", \"value\": "
					+ number(one.value()) + ", \"unit\": " + quote(one.unit()) + "}")
			.collect(Collectors.joining(",\n    "));
		return "{\n  \"about\": {" + about + "},\n  \"measurements\": [\n    " + measurements
				+ "\n  ],\n  \"figures\": [\n    " + figures + "\n  ]\n}\n";
	}

	private static String json(Measurement one) {
		String values = one.values()
			.entrySet()
			.stream()
			.map((entry) -> quote(entry.getKey().name()) + ": " + number(entry.getValue()))
			.collect(Collectors.joining(", "));
		return "{\"work\": " + quote(one.work().name()) + ", \"contestant\": " + quote(one.contestant().name())
				+ ", \"round\": " + one.round() + ", " + values + "}";
	}

	private static String number(double value) {
		return Double.isFinite(value) ? String.format(Locale.ROOT, "%.4f", value) : "null";
	}

	private static String quote(String text) {
		StringBuilder quoted = new StringBuilder("\"");
		for (char c : text.toCharArray()) {
			if (c == '"' || c == '\\') {
				quoted.append('\\').append(c);
			}
			else {
				quoted.append((c < ' ') ? ' ' : c);
			}
		}
		return quoted.append('"').toString();
	}

}
