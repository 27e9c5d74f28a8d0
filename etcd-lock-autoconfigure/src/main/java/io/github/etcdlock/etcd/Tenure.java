package io.github.etcdlock.etcd;

import java.util.ArrayList;
import java.util.List;

import io.github.etcdlock.LockMode;

/**
 * Who of this process holds a place, from when it was first in line: one after the other
 * without a write, as long as the turn allows it, or several readers at once. Lives on
 * the loop.
 */
final class Tenure {

	private final Engine engine;

	private final Lines lines;

	private final Place place;

	private final Turn turn;

	private final List<HeldLock> holders = new ArrayList<>(1);

	/** Whether somebody may guard a write of his own with our revision. */
	private volatile boolean exported;

	Tenure(Engine engine, Lines lines, Place place) {
		this.engine = engine;
		this.lines = lines;
		this.place = place;
		this.turn = new Turn(engine.clock().nanos(), engine.settings().turnLimit(),
				engine.settings().turnTime().toNanos());
	}

	List<HeldLock> holders() {
		return List.copyOf(this.holders);
	}

	/** The place's revision or keys are given to a holder. */
	void export() {
		this.exported = true;
	}

	void give(Ticket ticket) {
		HeldLock lock = new HeldLock(this.engine, this.lines, this.place, this, ticket, this.turn.passes());
		this.holders.add(lock);
		this.lines.granted(this.place, ticket, lock);
	}

	/**
	 * Goes to the next ticket of this process without a write, if that is equal and the
	 * turn allows it. A place whose revision somebody may compare with never does: a
	 * former holder's guard would let its write through under the next one.
	 */
	boolean passTo(Ticket next) {
		LockMode mode = this.place.mode();
		if (this.exported || mode == LockMode.SHARED || !next.equal(this.place) || !this.place.session().proven()
				|| !this.turn.mayPass(alone(mode), this.engine.clock().nanos())) {
			return false;
		}
		this.turn.pass();
		this.holders.clear();
		give(next);
		return true;
	}

	/**
	 * Lets another reader of this process hold it too, without a write, if no writer
	 * waits.
	 */
	boolean shareWith(Ticket reader) {
		LockMode mode = this.place.mode();
		if (this.exported || mode == LockMode.EXCLUSIVE || !reader.sharing(this.place) || !this.place.session().proven()
				|| !alone(mode)) {
			return false;
		}
		give(reader);
		return true;
	}

	/** Whether it is certain that no other process waits whom this mode keeps out. */
	private boolean alone(LockMode mode) {
		boolean alone = true;
		for (WaitLine line : this.place.lines()) {
			alone &= line.watchArrivals() && line.nobodyBehind(this.place, mode);
		}
		return alone;
	}

	/** Takes a holder off; whether it was the last, so that the place is to end. */
	boolean left(HeldLock holder) {
		this.holders.remove(holder);
		return this.holders.isEmpty();
	}

}
