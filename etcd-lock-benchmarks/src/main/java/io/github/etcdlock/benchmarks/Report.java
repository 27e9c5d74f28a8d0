package io.github.etcdlock.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The results as one table for people. */
final class Report {

	private final Results results;

	Report(Results results) {
		this.results = results;
	}

	String table() {
		StringBuilder text = new StringBuilder();
		for (Work work : Work.values()) {
			List<Contestant> present = Arrays.stream(Contestant.values())
				.filter((one) -> !this.results.of(work, one).isEmpty())
				.toList();
			if (!present.isEmpty()) {
				text.append(row(work.title(), (work == Work.HANDOVER) ? "seen/s" : "rate/s", "p50 us", "p99 us",
						"client us", "server us", "requests", "least share", "etcd-lock is"));
				present.forEach((one) -> text.append(row(work, one)));
				text.append(System.lineSeparator());
			}
		}
		String last = "";
		for (Figure figure : this.results.figures()) {
			if (!figure.work().equals(last)) {
				text.append(figure.work()).append(System.lineSeparator());
				last = figure.work();
			}
			text.append(String.format(Locale.ROOT, "  %-70s %12s %s%n", figure.what(), number(figure.value()),
					figure.unit()));
		}
		return text.append(System.lineSeparator()).append(goals()).toString();
	}

	private String row(Work work, Contestant contestant) {
		boolean latency = work == Work.ONE_THREAD || work == Work.QUEUE_ONE_THREAD || work == Work.HANDOVER;
		double ratio = latency ? this.results.ratio(work, Metric.P50, contestant, work.ours())
				: this.results.ratio(work, Metric.RATE, work.ours(), contestant);
		String compared = (contestant == work.ours() || Double.isNaN(ratio)) ? "" : number(ratio) + " x as fast";
		return row("  " + contestant.title(), value(work, contestant, Metric.RATE), value(work, contestant, Metric.P50),
				value(work, contestant, Metric.P99), value(work, contestant, Metric.CLIENT_CPU),
				value(work, contestant, Metric.SERVER_CPU), value(work, contestant, Metric.REQUESTS),
				value(work, contestant, Metric.LEAST_SHARE), compared);
	}

	private String value(Work work, Contestant contestant, Metric metric) {
		return number(this.results.median(work, contestant, metric));
	}

	private static String row(Object... cells) {
		return String.format(Locale.ROOT, "%-50s %9s %9s %9s %9s %9s %9s %11s  %s%n", cells);
	}

	private String goals() {
		StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%-92s %9s%n", "Goals", "measured"));
		for (Goal goal : Goal.all()) {
			double measured = goal.measured(this.results);
			if (!Double.isNaN(measured)) {
				text.append(String.format(Locale.ROOT, "  %-90s %9s  %s%n", goal.text(), number(measured),
						goal.isMet(measured) ? "met" : "NOT MET"));
			}
		}
		return text.toString();
	}

	/** Three digits that matter. */
	static String number(double value) {
		if (Double.isNaN(value)) {
			return "";
		}
		int digits = (Math.abs(value) >= 100) ? 0 : (Math.abs(value) >= 10) ? 1 : 2;
		return String.format(Locale.ROOT, "%,." + digits + "f", value);
	}

}
