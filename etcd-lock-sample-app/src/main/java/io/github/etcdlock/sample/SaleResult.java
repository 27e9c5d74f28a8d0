package io.github.etcdlock.sample;

import java.util.List;
import java.util.Objects;

/**
 * What remains of a sale: a row of the table.
 *
 * @param item which sale
 * @param mode how buyers were kept apart
 * @param label the mode in words
 * @param stock how many pieces there were
 * @param buyers how many buyers came
 * @param instances how many instances served them
 * @param sold how many pieces were sold
 * @param oversold how many too many
 * @param lost how many buyers were told that the lock was lost
 * @param unserved how many buyers were turned away, or served by a killed instance
 * @param perSecond buyers served per second
 * @param waitMedian half of the buyers waited for less, in milliseconds
 * @param waitMost 99 of 100 buyers waited for less, in milliseconds
 * @param broken what was broken meanwhile, in words
 */
record SaleResult(String item, Mode mode, String label, int stock, int buyers, int instances, int sold, int oversold,
		long lost, long unserved, double perSecond, long waitMedian, long waitMost, List<String> broken) {

	private static final double MILLIS_PER_SECOND = 1000;

	static SaleResult of(SaleView sale) {
		List<Long> waits = sale.visits()
			.stream()
			.filter((visit) -> visit.held() != null)
			.map((visit) -> Objects.requireNonNull(visit.held()) - visit.came())
			.sorted()
			.toList();
		long lost = count(sale, Outcome.LOST) + count(sale, Outcome.REFUSED);
		long served = count(sale, Outcome.SOLD) + count(sale, Outcome.SOLD_OUT) + lost;
		SaleOrder order = sale.order();
		return new SaleResult(sale.item(), order.mode(), sale.label(), order.stock(), order.buyers(),
				sale.instances().size(), sale.sold(), sale.oversold(), lost, order.buyers() - served,
				served * MILLIS_PER_SECOND / Math.max(1, sale.elapsed()), at(waits, 50), at(waits, 99),
				sale.notes().stream().map(Sale.Note::kind).filter((kind) -> !kind.equals("info")).distinct().toList());
	}

	private static long count(SaleView sale, Outcome outcome) {
		return sale.visits().stream().filter((visit) -> outcome.name().equals(visit.outcome())).count();
	}

	private static long at(List<Long> sorted, int percent) {
		return sorted.isEmpty() ? 0 : sorted.get((sorted.size() * percent + 99) / 100 - 1);
	}

}
