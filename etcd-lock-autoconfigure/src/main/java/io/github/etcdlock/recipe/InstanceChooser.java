package io.github.etcdlock.recipe;

import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** How one of several instances is chosen. Safe for use by many threads. */
@FunctionalInterface
public interface InstanceChooser {

	/**
	 * Chooses.
	 * @param instances the instances that are there now: one at least, in a stable order
	 * @return one of them
	 */
	ServiceInstance choose(List<ServiceInstance> instances);

	/**
	 * Each in its turn; keep the chooser, for it counts.
	 * @return a chooser
	 */
	static InstanceChooser roundRobin() {
		AtomicInteger next = new AtomicInteger();
		return (instances) -> instances.get(Math.floorMod(next.getAndIncrement(), instances.size()));
	}

	/**
	 * Any.
	 * @return a chooser
	 */
	static InstanceChooser random() {
		return (instances) -> instances.get(ThreadLocalRandom.current().nextInt(instances.size()));
	}

	/**
	 * The same one for the same key, in all processes, as long as it is there; when an
	 * instance comes or goes, only the keys of that instance move.
	 * @param key a user, a session, a shard
	 * @return a chooser
	 */
	static InstanceChooser sticky(String key) {
		return (instances) -> instances.stream()
			.max(Comparator.comparingLong((instance) -> mixed(key, instance.id())))
			.orElseThrow();
	}

	private static long mixed(String key, String id) {
		long mixed = key.hashCode() * 0x9E3779B97F4A7C15L + id.hashCode();
		mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
		mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
		return mixed ^ (mixed >>> 31);
	}

}
