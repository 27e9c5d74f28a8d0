package io.github.etcdlock.etcd;

import java.util.BitSet;
import java.util.List;

/**
 * How the keys of a session's places are called. etcd remembers every name that was ever
 * in a line until its history is compacted, and each read of the line passes all of them;
 * so a line is to see few: whoever takes a lock again takes it under the same name. But
 * only if etcd has confirmed that the key of that name is gone and everything asked under
 * it is answered; any other name is spent, and never used again. Lives on the loop.
 */
final class PlaceNames {

	private final Session session;

	/** Every number below is spent. */
	private long first;

	PlaceNames(Session session) {
		this.session = session;
	}

	/** The smallest number that no place of the session has in these lines. */
	long next(List<WaitLine> lines) {
		BitSet used = new BitSet();
		for (WaitLine line : lines) {
			for (Place place : line.places()) {
				if (place.session() == this.session && place.number() >= this.first) {
					used.set((int) (place.number() - this.first));
				}
			}
		}
		return this.first + used.nextClearBit(0);
	}

	/** No place is to be called so again, for something may be under way. */
	void spend(long number) {
		this.first = Math.max(this.first, number + 1);
	}

	/** Whether no place is ever called so from now on. */
	boolean spent(String name) {
		return !name.equals(of(number(name))) || number(name) < this.first;
	}

	void spend(String name) {
		spend(number(name));
	}

	String of(long number) {
		return this.session.nameOf(Long.toHexString(number));
	}

	private long number(String name) {
		String digits = name.substring(this.session.nameOf("").length());
		return digits.matches("[0-9a-f]{1,12}") ? Long.parseLong(digits, 16) : -1;
	}

}
