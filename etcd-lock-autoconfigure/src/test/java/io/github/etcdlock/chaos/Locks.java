package io.github.etcdlock.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import io.github.etcdlock.LockRequest;

/** A lock implementation under test: ours, or one that is broken on purpose. */
interface Locks extends AutoCloseable {

	/** Empty when it was busy for as long as the request waits. */
	Optional<Hold> acquire(LockRequest request) throws InterruptedException;

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
			case "NotRenewed" -> new NotRenewed(site);
			default -> throw new IllegalArgumentException("Unknown locks \"" + kind + "\"");
		};
	}

}
