package io.github.etcdlock.chaos;

import io.github.etcdlock.chaos.Fault.Harm;
import io.github.etcdlock.chaos.Fault.Price;

/**
 * One fault that was made, or something like one that was noticed.
 *
 * @param name what it was
 * @param harm what it broke
 * @param price what it may cost at worst
 * @param victim the worker or the lock it hit, or {@code etcd}
 * @param from when it began
 * @param to when everything was whole again
 */
record Strike(String name, Harm harm, Price price, String victim, long from, long to) {

	Strike(Fault fault, String victim, long from, long to) {
		this(fault.name(), fault.harm(), fault.price(), victim, from, to);
	}

	long length() {
		return this.to - this.from;
	}

	/** How much of it was between. */
	long within(long begin, long end) {
		return Math.max(0, Math.min(this.to, end) - Math.max(this.from, begin));
	}

	/** Whether it is between a worker and its locks, or may be. */
	boolean hits(String worker) {
		return this.victim.equals(worker) || this.victim.equals(Fault.ETCD);
	}

	/** Whether it is between a worker and this lock, or may be. */
	boolean hits(String worker, String key) {
		return hits(worker) || this.victim.equals(key);
	}

	/**
	 * Whether it went on, or had ended less than {@code after} ago, at some time between.
	 */
	boolean overlaps(long begin, long end, long after) {
		return this.from <= end && this.to + after >= begin;
	}

}
