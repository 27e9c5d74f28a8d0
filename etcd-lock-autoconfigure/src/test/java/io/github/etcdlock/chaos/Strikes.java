package io.github.etcdlock.chaos;

import java.util.List;

import io.github.etcdlock.chaos.Fault.Harm;
import io.github.etcdlock.chaos.Fault.Price;

/** All faults of a run, and what they excuse. */
final class Strikes {

	private final List<Strike> all;

	private final long ttl;

	Strikes(List<Strike> all, long ttl) {
		this.all = all;
		this.ttl = ttl;
	}

	List<Strike> all() {
		return this.all;
	}

	/**
	 * How long a living holder may go on to believe in a lock that another got just then:
	 * for a second, if etcd, or somebody who works on it, may have taken it away.
	 */
	long grace(long time, String key, String worker) {
		return brokenWord(time, key, worker) ? Checker.SECOND : 0;
	}

	/**
	 * Whether etcd, or somebody who works on it, may have taken this worker's lock just
	 * then. A leader that comes back may take many, for as long as the leases it knew of;
	 * an operator takes what he says, and at once.
	 */
	boolean brokenWord(long time, String key, String worker) {
		return this.all.stream()
			.anyMatch((strike) -> strike.fault().price() == Price.SESSION_AT_ONCE && strike.hits(worker, key)
					&& strike.overlaps(time, time, lateEffect(strike)));
	}

	private long lateEffect(Strike strike) {
		return (strike.fault().harm() == Harm.LEADER) ? this.ttl + 3 * Checker.SECOND : Checker.SECOND;
	}

	/**
	 * Until when a worker must know what has happened by then: at once, unless it was
	 * paused.
	 */
	long known(String worker, long begin, long time) {
		return this.all.stream()
			.filter((strike) -> strike.fault().harm() == Harm.WORKER && strike.victim().equals(worker)
					&& strike.overlaps(begin, time, Checker.SECOND))
			.mapToLong((strike) -> strike.to() + Checker.SECOND)
			.reduce(time, Math::max);
	}

	/** Whether something that was done may have cost this lock. */
	boolean mayCost(String worker, String key, long lost) {
		return this.all.stream().anyMatch((strike) -> strike.hits(worker, key) && switch (strike.fault().price()) {
			case NOTHING -> false;
			case SESSION -> strike.length() > this.ttl / 2 && strike.overlaps(lost, lost, this.ttl + Checker.SECOND);
			case SESSION_AT_ONCE -> strike.overlaps(lost, lost, lateEffect(strike));
		});
	}

}
