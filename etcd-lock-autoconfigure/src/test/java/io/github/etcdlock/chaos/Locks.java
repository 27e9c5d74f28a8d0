package io.github.etcdlock.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import io.github.etcdlock.LockRequest;
import io.github.etcdlock.recipe.DistributedSemaphore;
import io.github.etcdlock.recipe.EtcdRecipes;

/** A lock implementation under test: ours, or one that is broken on purpose. */
interface Locks extends AutoCloseable {

	/** Empty when it was busy for as long as the request waits. */
	Optional<Hold> acquire(LockRequest request) throws InterruptedException;

	/** What else is built on the engine; not of locks that are broken on purpose. */
	default EtcdRecipes recipes() {
		throw new UnsupportedOperationException("These locks have no recipes");
	}

	/** Subscribes to a publisher that is locked. */
	default LockedWork.Subscription subscribe(String key) {
		throw new UnsupportedOperationException("These locks have no publishers");
	}

	/** A semaphore, which nothing but itself counts. */
	default DistributedSemaphore semaphore(String name, int permits) {
		return recipes().semaphore(name, permits);
	}

	/** What is written in etcd through a guard; not of locks that have none. */
	default Ledger etcdLedger() {
		throw new UnsupportedOperationException("These locks have no guard");
	}

	@Override
	void close();

	/**
	 * What an implementation is given.
	 *
	 * @param endpoints the members of etcd, each as {@code host:port}
	 * @param prefix where the locks live
	 * @param ttl the time to live of a lease
	 * @param name who asks
	 */
	record Site(List<String> endpoints, String prefix, Duration ttl, String name) {
	}

	static Locks of(String kind, Site site) {
		return switch (kind) {
			case "EngineLocks" -> new EngineLocks(site);
			case "AlwaysGranted" -> new AlwaysGranted();
			case "ConstantToken" -> new ConstantToken(site);
			case "DeletedByPrefix" -> new DeletedByPrefix(site);
			case "Forgetful" -> new Forgetful(site);
			case "NeverTold" -> new NeverTold(site);
			case "NotRenewed" -> new NotRenewed(site);
			case "OverAdmitting" -> new OverAdmitting(site);
			case "Unguarded" -> new Unguarded(site);
			default -> throw new IllegalArgumentException("Unknown locks \"" + kind + "\"");
		};
	}

}
