package io.github.etcdlock.benchmarks;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeSet;

/**
 * The documentation's page that shows a run. What people wrote around the figures stays.
 */
final class Page {

	private static final String BEGIN = "<!-- figures, written by scripts/benchmark.sh --page -->";

	private static final String END = "<!-- end of figures -->";

	private final Path file;

	private final Path charts;

	Page(Path folder) {
		this.file = folder.resolve("benchmarks.md");
		this.charts = folder.resolve("benchmarks");
	}

	/** Replaces the figures and the charts. */
	void write(Map<String, String> machine, String table, Path output) throws IOException {
		String page = Files.readString(this.file);
		int begin = page.indexOf(BEGIN);
		int end = page.indexOf(END);
		if (begin < 0 || end < begin) {
			throw new IOException("There is no place for figures in " + this.file + ": it needs the lines \"" + BEGIN
					+ "\" and \"" + END + "\"");
		}
		StringBuilder figures = new StringBuilder(BEGIN).append("\n\n");
		machine.forEach((name, value) -> figures.append("- ").append(name).append(": ").append(value).append('\n'));
		figures.append("\n```text\n").append(table.stripTrailing()).append("\n```\n\n");
		Files.createDirectories(this.charts);
		TreeSet<Path> files = new TreeSet<>();
		try (DirectoryStream<Path> svg = Files.newDirectoryStream(output, "*.svg")) {
			svg.forEach(files::add);
		}
		for (Path chart : files) {
			Path name = chart.getFileName();
			Files.copy(chart, this.charts.resolve(name), StandardCopyOption.REPLACE_EXISTING);
			figures.append("![").append(name).append("](benchmarks/").append(name).append(")\n\n");
		}
		Files.writeString(this.file, page.substring(0, begin) + figures + page.substring(end));
	}

}
