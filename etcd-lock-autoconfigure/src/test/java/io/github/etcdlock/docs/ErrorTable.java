package io.github.etcdlock.docs;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.tools.ToolProvider;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A table of docs/errors.md: what is wrong, and what is said about it. */
public final class ErrorTable {

	private static final Pattern ROW = Pattern.compile("\\| (.+?) \\| `(.+)` \\|");

	/** Where it is the class that matters. */
	private static final String SHOP = "class Shop";

	private static final String WITHOUT_NAMES = "// compiled without -parameters";

	private ErrorTable() {
	}

	/** A row of it. */
	public record Row(String wrong, String message) {
	}

	/** The rows below a heading, without the quotes of code. */
	public static List<Row> under(String heading) {
		List<Row> rows = new ArrayList<>();
		String section = "";
		for (String line : lines()) {
			Matcher row = ROW.matcher(line);
			if (line.startsWith("## ")) {
				section = line.substring(3);
			}
			else if (section.equals(heading) && row.matches()) {
				rows.add(new Row(row.group(1).replaceFirst("^`(.*)`$", "$1"), row.group(2)));
			}
		}
		return rows;
	}

	/** Makes every call below a heading, and looks for its message. */
	public static void check(String heading, Map<String, ThrowingCallable> calls) {
		List<Row> rows = under(heading);
		assertThat(rows).extracting(Row::wrong).containsExactlyInAnyOrderElementsOf(calls.keySet());
		for (Row row : rows) {
			assertThatThrownBy(calls.get(row.wrong())).as(row.wrong()).hasMessageContaining(row.message());
		}
	}

	/** Looks for each message below a heading in what was said to it. */
	public static void checkSaid(String heading, Map<String, String> said) {
		List<Row> rows = under(heading);
		assertThat(rows).extracting(Row::wrong).containsExactlyInAnyOrderElementsOf(said.keySet());
		for (Row row : rows) {
			assertThat(said.get(row.wrong())).as(row.wrong()).contains(row.message());
		}
	}

	/**
	 * Makes each row a class, Row0 and so on; a method ends where its semicolon is. What
	 * is in the packages of the needed classes is imported.
	 */
	public static void compile(List<Row> rows, Path folder, Class<?>... needed) throws IOException {
		List<String> named = new ArrayList<>();
		List<String> nameless = new ArrayList<>();
		String imports = Stream.of(needed)
			.map((type) -> "import " + type.getPackageName() + ".*;\n")
			.distinct()
			.collect(Collectors.joining("", "import java.util.concurrent.*;\n", ""));
		for (int i = 0; i < rows.size(); i++) {
			String wrong = rows.get(i).wrong();
			Path source = folder.resolve("Row" + i + ".java");
			Files.writeString(source, imports + type("Row" + i, wrong) + "\n");
			(wrong.endsWith(WITHOUT_NAMES) ? nameless : named).add(source.toString());
		}
		compile(named, folder, "-parameters", needed);
		if (!nameless.isEmpty()) {
			compile(nameless, folder, "-g:none", needed);
		}
	}

	private static String type(String name, String wrong) {
		String members = wrong.replace(";", " { throw new IllegalStateException(); }");
		return members.contains(SHOP) ? members.replace(SHOP, "class " + name)
				: "public class " + name + " {\n" + members + "\n}";
	}

	private static void compile(List<String> sources, Path folder, String option, Class<?>... needed) {
		List<String> arguments = new ArrayList<>(
				List.of("-proc:none", option, "-cp", classPath(needed), "-d", folder.toString()));
		arguments.addAll(sources);
		int status = ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new));
		if (status != 0) {
			throw new IllegalStateException("Rows that do not compile in " + folder);
		}
	}

	private static String classPath(Class<?>... needed) {
		return Stream.of(needed)
			.map((type) -> Path.of(URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString())))
			.map(Path::toString)
			.collect(Collectors.joining(File.pathSeparator));
	}

	private static List<String> lines() {
		try {
			return Files.readAllLines(Path.of("docs", "errors.md"));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
