package io.github.etcdlock.chaos;

import java.util.List;
import java.util.stream.Stream;

import io.github.etcdlock.chaos.Fault.Harm;
import io.github.etcdlock.chaos.Fault.Price;

/** All faults of a run, made or noticed, and what they excuse. */
final class Strikes {

	private final List<Strike> made;

	private final List<Strike> noticed;

	private final List<Strike> all;

	private final long ttl;

	/**
	 * Leaves out changes of leader that were noticed where one was made.
	 */
	Strikes(List<Strike> made, List<Strike> noticed, long ttl) {
		this.made = made;
		this.noticed = noticed.stream()
			.filter((strike) -> strike.harm() != Harm.LEADER || !whileLeaderChanged(strike))
			.toList();
		this.all = Stream.concat(made.stream(), this.noticed.stream()).toList();
		this.ttl = ttl;
	}

	List<Strike> all() {
		return this.all;
	}

	/** Whether a change of leader that was made went on, and gives time itself. */
	boolean whileLeaderChanged(Strike strike) {
		return this.made.stream()
			.anyMatch((other) -> other.harm() == Harm.LEADER && other.overlaps(strike.from(), strike.to(), 0));
	}

	/** Whether no fault was made then, nor shortly before. */
	boolean calm(long begin, long end) {
		return none(this.made, begin, end);
	}

	/** Whether nothing was noticed then, nor shortly before. */
	boolean unnoticed(long begin, long end) {
		return none(this.noticed, begin, end);
	}

	private boolean none(List<Strike> strikes, long begin, long end) {
		return strikes.stream().noneMatch((strike) -> strike.overlaps(begin, end, this.ttl + Checker.SECOND));
	}

	/**
	 * How long a living holder may go on to believe in a lock that another got just then:
	 * for a second, if etcd, or somebody who works on it, may have taken it away.
	 */
	long grace(long time, String key, String worker) {
		return brokenWord(time, key, worker) ? afterStalls(time, time + Checker.SECOND) - time : 0;
	}

	/** Who has until then to hear of something has a second after a stall before. */
	private long afterStalls(long begin, long end) {
		long until = end;
		for (Strike strike : this.noticed) {
			if (strike.overlaps(begin, until, 0)) {
				until = Math.max(until, strike.to() + Checker.SECOND);
			}
		}
		return until;
	}

	/**
	 * Whether etcd, or somebody who works on it, may have taken this worker's lock just
	 * then. A leader that comes back may take many, for as long as the leases it knew of;
	 * an operator takes what he says, and at once.
	 */
	boolean brokenWord(long time, String key, String worker) {
		return this.all.stream()
			.anyMatch((strike) -> strike.price() == Price.SESSION_AT_ONCE && strike.hits(worker, key)
					&& strike.overlaps(time, time, lateEffect(strike)));
	}

	private long lateEffect(Strike strike) {
		return (strike.harm() == Harm.LEADER) ? this.ttl + 3 * Checker.SECOND : Checker.SECOND;
	}

	/**
	 * Until when a worker must know what has happened by then: at once, unless it was
	 * paused, or stalled with its machine.
	 */
	long known(String worker, long begin, long time) {
		long resumed = this.made.stream()
			.filter((strike) -> strike.harm() == Harm.WORKER && strike.victim().equals(worker)
					&& strike.overlaps(begin, time, Checker.SECOND))
			.mapToLong((strike) -> strike.to() + Checker.SECOND)
			.reduce(time, Math::max);
		return afterStalls(begin, resumed);
	}

	/** Whether something that was done may have cost this lock. */
	boolean mayCost(String worker, String key, long lost) {
		return this.all.stream().anyMatch((strike) -> strike.hits(worker, key) && switch (strike.price()) {
			case NOTHING -> false;
			case SESSION -> strike.length() > this.ttl / 2 && strike.overlaps(lost, lost, this.ttl + Checker.SECOND);
			case SESSION_AT_ONCE -> strike.overlaps(lost, lost, lateEffect(strike));
		});
	}

}
