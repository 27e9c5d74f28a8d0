package io.github.etcdlock.sample;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * A sale as the page shows it. All times in milliseconds since it began.
 *
 * @param item which sale
 * @param order what was wanted
 * @param label the mode in words
 * @param running whether it runs
 * @param instances who serves
 * @param elapsed how long it runs, or ran
 * @param left the stock according to the database
 * @param sold how many pieces were sold
 * @param oversold how many too many
 * @param visits the buyers
 * @param notes what was done to it
 * @param failure why it could not be held, or null
 */
record SaleView(String item, SaleOrder order, String label, boolean running, List<String> instances, long elapsed,
		int left, int sold, int oversold, List<Visit> visits, List<Sale.Note> notes, @Nullable String failure) {

	/**
	 * One buyer.
	 *
	 * @param buyer who
	 * @param instance where
	 * @param came when it began to wait
	 * @param held when it was its turn, or null
	 * @param done when its purchase was done, and only the release was to come, or null
	 * @param ended when it left, or null
	 * @param token its fencing token, or null
	 * @param outcome how it ended, or null
	 */
	record Visit(String buyer, String instance, long came, @Nullable Long held, @Nullable Long done,
			@Nullable Long ended, @Nullable Long token, @Nullable String outcome) {

		Visit since(long began) {
			return new Visit(this.buyer, this.instance, this.came - began, minus(this.held, began),
					minus(this.done, began), minus(this.ended, began), this.token, this.outcome);
		}

		private static @Nullable Long minus(@Nullable Long time, long began) {
			return (time != null) ? time - began : null;
		}

	}

}
