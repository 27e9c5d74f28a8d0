package io.github.etcdlock.sample;

/**
 * What was sold and is to be packed.
 *
 * @param item what
 * @param buyer for whom
 * @param address where it goes; nobody can pack one without
 */
public record Parcel(String item, String buyer, String address) {

	static Parcel of(Purchase purchase) {
		return new Parcel(purchase.item(), purchase.buyer(), "Main Street");
	}

}
