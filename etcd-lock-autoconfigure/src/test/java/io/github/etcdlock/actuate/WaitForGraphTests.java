package io.github.etcdlock.actuate;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.etcdlock.actuate.LockLine.Place;
import io.github.etcdlock.actuate.WaitForGraph.Wait;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class WaitForGraphTests {

	@Test
	void waiterWaitsForWhomeverIsRightBeforeIt() {
		assertThat(WaitForGraph.of(List.of(line("k", "p", "q", "r")), true).waits()).containsExactly(waits("q", "p"),
				waits("r", "q"));
	}

	@Test
	void twoProcessesThatWaitForEachOtherAreACircle() {
		WaitForGraph graph = WaitForGraph.of(List.of(line("a", "p", "q"), line("b", "q", "p"), line("c", "p", "r")),
				true);
		assertThat(graph.circles()).containsExactly(circle("p", "q"));
	}

	@Test
	void circleOfManyAndOneBesideItAreFound() {
		WaitForGraph graph = WaitForGraph.of(List.of(line("a", "p", "q"), line("b", "q", "r"), line("c", "r", "p"),
				line("d", "x", "y"), line("e", "y", "x"), line("f", "p", "x")), true);
		assertThat(graph.circles()).containsExactlyInAnyOrder(circle("p", "q", "r"), circle("x", "y"));
	}

	@Test
	void aChainIsNoCircleAndNobodyWaitsForHimself() {
		assertThat(WaitForGraph.of(List.of(line("a", "p", "q"), line("b", "q", "r"), line("c", "p", "p")), true))
			.satisfies((graph) -> assertThat(graph.circles()).isEmpty())
			.satisfies((graph) -> assertThat(graph.waits()).noneMatch((wait) -> wait.key().equals("c")));
	}

	@Test
	void readersDoNotWaitForReaders() {
		LockLine line = new LockLine("k", List.of(place(0, "p", true, "shared"), place(1, "q", false, "exclusive"),
				place(2, "r", false, "shared"), place(3, "s", false, "shared"), place(4, "t", false, "exclusive")));
		assertThat(WaitForGraph.of(List.of(line), true).waits()).containsExactly(waits("q", "p"), waits("r", "q"),
				waits("s", "q"), waits("t", "s"), waits("t", "r"));
	}

	private static Wait waits(String waiter, String holder) {
		return new Wait("lease " + waiter, "k", "lease " + holder);
	}

	private static Set<String> circle(String... leases) {
		return Stream.of(leases).map((lease) -> "lease " + lease).collect(Collectors.toSet());
	}

	private static LockLine line(String key, String... processes) {
		List<Place> places = new ArrayList<>();
		for (String process : processes) {
			places.add(place(places.size(), process, places.isEmpty(), "exclusive"));
		}
		return new LockLine(key, places);
	}

	/** Processes that say nothing of themselves are told apart by their leases. */
	private static Place place(int position, String process, boolean held, String mode) {
		return new Place(position, held, mode, 4096, "/locks/k/1-1", 1, process, 2L, null, null, null);
	}

}
