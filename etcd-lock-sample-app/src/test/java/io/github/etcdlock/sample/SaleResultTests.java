package io.github.etcdlock.sample;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SaleResultTests {

	@Test
	void waitOfHalfAndOfAlmostAllBuyers() {
		SaleResult result = result(IntStream.rangeClosed(1, 100).mapToObj((wait) -> visit(wait, Outcome.SOLD)));
		assertThat(result.waitMedian()).isEqualTo(50);
		assertThat(result.waitMost()).isEqualTo(99);
	}

	@Test
	void ofFewBuyersTheOneWhoWaitedLongestCounts() {
		SaleResult result = result(Stream.of(visit(10, Outcome.SOLD), visit(900, Outcome.SOLD)));
		assertThat(result.waitMedian()).isEqualTo(10);
		assertThat(result.waitMost()).isEqualTo(900);
	}

	@Test
	void nobodyIsServedWhoseVisitHasNoOutcome() {
		SaleResult result = result(Stream.of(visit(1, null), visit(1, Outcome.KILLED), visit(1, Outcome.FAILED),
				visit(1, Outcome.SOLD), visit(1, Outcome.SOLD_OUT)));
		assertThat(result.unserved()).isEqualTo(3);
		assertThat(result.perSecond()).isEqualTo(2);
	}

	@Test
	void whomTheFenceRefusedWasToldAsWell() {
		SaleResult result = result(Stream.of(visit(1, Outcome.REFUSED), visit(1, Outcome.LOST)));
		assertThat(result.lost()).isEqualTo(2);
		assertThat(result.unserved()).isZero();
	}

	@Test
	void saleWithoutBuyersHasNoWaits() {
		assertThat(result(Stream.of()).waitMost()).isZero();
	}

	private static SaleView.Visit visit(long wait, @Nullable Outcome outcome) {
		return new SaleView.Visit("buyer", "one", 0, wait, wait, wait, null, (outcome != null) ? outcome.name() : null);
	}

	private static SaleResult result(Stream<SaleView.Visit> visits) {
		List<SaleView.Visit> all = visits.toList();
		return SaleResult.of(new SaleView("sale-1", new SaleOrder(Mode.LOCK, 1, Math.max(1, all.size()), 1, 0),
				Mode.LOCK.label(), false, List.of("one"), 1000, 0, 1, 0, all, List.of(), null));
	}

}
