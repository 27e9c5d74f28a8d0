package io.github.etcdlock.etcd;

import java.util.List;
import java.util.stream.Stream;

/**
 * Who of this process holds a place, from when it was first in line: one after the other
 * without a write, as long as the turn allows it, or several readers at once. Lives on
 * the loop.
 */
final class Tenure {

	private final Place place;

	private final Turn turn;

	/** Hardly ever more than one; never changed, but replaced. */
	private List<HeldLock> holders = List.of();

	/** Until when the keys are to stay, if a holder has asked for a minimum time. */
	private long keptUntil;

	private boolean kept;

	/** Whether somebody may guard a write of his own with our revision. */
	private volatile boolean exported;

	Tenure(Place place) {
		this.place = place;
		LockSettings settings = place.engine().settings();
		this.turn = new Turn(now(), settings.turnLimit(), settings.turnTime().toNanos());
	}

	private long now() {
		return this.place.engine().clock().nanos();
	}

	List<HeldLock> holders() {
		return this.holders;
	}

	/** The place's revision or keys are given to a holder. */
	void export() {
		this.exported = true;
	}

	void give(Ticket ticket) {
		HeldLock lock = new HeldLock(this.place, this, ticket, this.turn.passes());
		this.holders = this.holders.isEmpty() ? List.of(lock)
				: Stream.concat(this.holders.stream(), Stream.of(lock)).toList();
		this.place.granted(ticket, lock);
	}

	/**
	 * Goes to the next ticket of this process without a write, if that is equal and the
	 * turn allows it. A place whose revision somebody may compare with never does: a
	 * former holder's guard would let its write through under the next one.
	 */
	boolean passTo(Ticket next) {
		Admission admission = this.place.admission();
		long now = now();
		// Arrivals are watched only where that can make a difference.
		if (this.exported || !admission.passes() || !next.equal(this.place) || !this.place.session().proven()
				|| this.turn.over(now) || !this.turn.mayPass(alone(admission), now)) {
			return false;
		}
		this.turn.pass();
		this.holders = List.of();
		give(next);
		return true;
	}

	/**
	 * Lets another reader of this process hold it too, without a write, if no writer
	 * waits.
	 */
	boolean shareWith(Ticket reader) {
		Admission admission = this.place.admission();
		if (this.exported || !admission.shares() || !reader.sharing(this.place) || !this.place.session().proven()
				|| !alone(admission)) {
			return false;
		}
		give(reader);
		return true;
	}

	/** Whether it is certain that no other process waits whom this rule keeps out. */
	private boolean alone(Admission admission) {
		boolean alone = true;
		for (WaitLine line : this.place.lines()) {
			alone &= line.watchArrivals() && line.nobodyBehind(this.place, admission);
		}
		return alone;
	}

	/**
	 * Takes a holder off; whether it was the last, so that the place is to end. The last
	 * one stays if the keys do, so that a shutdown waits until that is settled.
	 */
	boolean left(HeldLock holder) {
		long rest = holder.toKeep();
		if (rest > toKeep()) {
			this.kept = true;
			this.keptUntil = now() + rest;
		}
		if (this.holders.size() > 1 || toKeep() == 0) {
			this.holders = this.holders.equals(List.of(holder)) ? List.of()
					: this.holders.stream().filter((other) -> other != holder).toList();
			return this.holders.isEmpty();
		}
		return true;
	}

	/** How long the keys are to stay when the last holder has left, in nanoseconds. */
	long toKeep() {
		return this.kept ? Math.max(0, this.keptUntil - now()) : 0;
	}

}
