package io.github.etcdlock.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Bars on a logarithmic scale, as an SVG small enough for a repository. */
final class BarChart {

	private static final int LABELS = 270;

	private static final int BARS = 360;

	private static final int ROW = 22;

	private static final int TOP = 34;

	private final String title;

	private final List<Bar> bars = new ArrayList<>();

	BarChart(String title) {
		this.title = title;
	}

	/** Adds a bar below the others. */
	void add(String label, double value, boolean ours) {
		if (value > 0) {
			this.bars.add(new Bar(label, value, ours));
		}
	}

	String toSvg() {
		double least = Math.pow(10,
				Math.floor(Math.log10(this.bars.stream().mapToDouble(Bar::value).min().orElse(1)) - 0.05));
		double most = this.bars.stream().mapToDouble(Bar::value).max().orElse(10);
		int width = LABELS + BARS + 80;
		int height = TOP + ROW * this.bars.size() + 8;
		StringBuilder svg = new StringBuilder(String.format(Locale.ROOT, """
				<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" \
				font-family="system-ui, sans-serif" font-size="13">
				<rect width="100%%" height="100%%" fill="#fff"/>
				<text x="8" y="20" font-weight="600">%s</text>
				""", width, height, width, height, escape(this.title)));
		int y = TOP;
		for (Bar bar : this.bars) {
			double length = BARS * Math.log10(bar.value() / least) / Math.log10(most / least);
			svg.append(String.format(Locale.ROOT, """
					<text x="%d" y="%d" text-anchor="end">%s</text>
					<rect x="%d" y="%d" width="%.0f" height="14" fill="%s"/>
					<text x="%.0f" y="%d">%s</text>
					""", LABELS - 8, y + 12, escape(bar.label()), LABELS, y + 1, Math.max(1, length),
					bar.ours() ? "#1a7f5a" : "#9aa5b1", LABELS + length + 6, y + 12, Report.number(bar.value())));
			y += ROW;
		}
		return svg.append("</svg>\n").toString();
	}

	private static String escape(String text) {
		return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
	}

	private record Bar(String label, double value, boolean ours) {

	}

}
