package io.github.etcdlock.chaos;

/**
 * One fault that was made.
 *
 * @param fault what was done
 * @param victim the worker or the lock it hit, or {@code etcd}
 * @param from when it began
 * @param to when everything was whole again
 */
record Strike(Fault fault, String victim, long from, long to) {

	long length() {
		return this.to - this.from;
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
