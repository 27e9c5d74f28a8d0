package io.github.etcdlock.sample;

import java.util.List;
import java.util.stream.Collectors;

import org.springframework.web.util.HtmlUtils;

/** The page that shows how the sales went. */
final class SalePage {

	private static final String PAGE = """
			<!doctype html>
			<html lang="en">
			<meta charset="utf-8">
			<meta name="viewport" content="width=device-width, initial-scale=1">
			<title>etcd-lock: a flash sale</title>
			<style>
			:root { color-scheme: light dark }
			body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
			table { border-collapse: collapse } td, th { padding: .1rem 1rem .1rem 0; text-align: left }
			.bad { color: #b00020; font-weight: bold } .good { color: #1b7f3b; font-weight: bold }
			@media (prefers-color-scheme: dark) { .bad { color: #ff8a80 } .good { color: #7ddc9a } }
			</style>
			<h1>A flash sale, twice</h1>
			<p>Instances: %s</p>
			%s
			<form method="post" action="/run"><button>Run both sales again</button></form>
			</html>
			""";

	private SalePage() {
	}

	static String of(List<Instances.Instance> instances, List<FlashSale.Result> results) {
		String names = instances.stream()
			.map((instance) -> HtmlUtils.htmlEscape(instance.name() + " (" + instance.url() + ")"))
			.collect(Collectors.joining(", "));
		String sales = results.isEmpty() ? "<p>The first sale is about to run: reload in a moment.</p>"
				: results.stream().map(SalePage::section).collect(Collectors.joining());
		return PAGE.formatted(names, sales);
	}

	private static String section(FlashSale.Result result) {
		String verdict = (result.oversold() > 0) ? "<span class=\"bad\">oversold by " + result.oversold() + "</span>"
				: "<span class=\"good\">none too many</span>";
		String rows = result.locked() ? "<table><tr><th>buyer<th>instance<th>fencing token" + result.sold()
			.stream()
			.map((sale) -> "<tr><td>" + HtmlUtils.htmlEscape(sale.buyer()) + "<td>"
					+ HtmlUtils.htmlEscape(sale.instance()) + "<td>" + sale.token())
			.collect(Collectors.joining()) + "</table>" : "";
		return "<h2>%s</h2><p>Sold %d of %d pieces: %s.</p>%s".formatted(
				result.locked() ? "With @DistributedLock" : "Without a lock", result.sold().size(), result.stock(),
				verdict, rows);
	}

}
