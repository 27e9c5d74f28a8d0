package io.github.etcdlock.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** All measurements, and what can be said of them. */
final class Results {

	private final List<Measurement> measurements = new ArrayList<>();

	private final List<Figure> figures = new ArrayList<>();

	void add(Measurement measurement) {
		this.measurements.add(measurement);
	}

	void add(Figure figure) {
		this.figures.add(figure);
	}

	List<Measurement> measurements() {
		return this.measurements;
	}

	List<Figure> figures() {
		return this.figures;
	}

	/** The number of that name, or none. */
	double figure(String work, String what) {
		return this.figures.stream()
			.filter((one) -> one.work().equals(work) && one.what().equals(what))
			.mapToDouble(Figure::value)
			.findFirst()
			.orElse(Double.NaN);
	}

	List<Measurement> of(Work work, Contestant contestant) {
		return this.measurements.stream()
			.filter((one) -> one.work() == work && one.contestant() == contestant)
			.toList();
	}

	double median(Work work, Contestant contestant, Metric metric) {
		return Samples.median(of(work, contestant).stream().mapToDouble((one) -> one.value(metric)).toArray());
	}

	/** The median of the ratios that each round gave. */
	double ratio(Work work, Metric metric, Contestant contestant, Contestant reference) {
		return Samples.median(of(work, contestant).stream()
			.mapToDouble((one) -> of(work, reference).stream()
				.filter((other) -> other.round() == one.round())
				.mapToDouble((other) -> one.value(metric) / other.value(metric))
				.findFirst()
				.orElse(Double.NaN))
			.filter((ratio) -> !Double.isNaN(ratio))
			.toArray());
	}

}
