package io.github.etcdlock.sample;

/**
 * What sale is wanted.
 *
 * @param mode how buyers are kept apart
 * @param stock how many pieces there are
 * @param buyers how many buyers come, all at once
 * @param instances how many instances serve them
 * @param work how long each purchase takes, in milliseconds
 */
record SaleOrder(Mode mode, int stock, int buyers, int instances, int work) {

	private static final int MOST_PIECES = 500;

	private static final int MOST_BUYERS = 300;

	static final int MOST_INSTANCES = 4;

	private static final int MOST_WORK = 1000;

	SaleOrder {
		check("stock", stock, 1, MOST_PIECES);
		check("number of buyers", buyers, 1, MOST_BUYERS);
		check("number of instances", instances, 1, MOST_INSTANCES);
		check("work for each purchase in ms", work, 0, MOST_WORK);
	}

	private static void check(String what, int number, int least, int most) {
		if (number < least || number > most) {
			throw new IllegalArgumentException(
					"The " + what + " must be from " + least + " to " + most + ", but is " + number);
		}
	}

}
