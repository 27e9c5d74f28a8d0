package io.github.etcdlock.etcd;

/**
 * What the parts of the engine share.
 *
 * @param settings the defaults
 * @param clock the time
 * @param loop where lines and sessions live
 * @param timers threads of our own
 * @param store requests to etcd
 * @param batches guarded transactions to etcd
 * @param watches the shared watch stream
 * @param renewals the shared renewal stream
 * @param keys where things live in etcd
 * @param reaper what is still to be ended in etcd
 * @param listeners who is told what happens
 */
record Engine(LockSettings settings, Clock clock, Loop loop, Timers timers, Store store, Batches batches,
		WatchStream watches, Renewals renewals, KeySpace keys, Reaper reaper, Listeners listeners) {

	void later(long nanos, Runnable step) {
		this.timers.after(nanos, () -> this.loop.run(step));
	}

}
