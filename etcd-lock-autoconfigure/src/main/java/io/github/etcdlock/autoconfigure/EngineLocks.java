package io.github.etcdlock.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.LockMode;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.actuate.ClusterLocks;
import io.github.etcdlock.actuate.LocalLock;
import io.github.etcdlock.actuate.LockLine;
import io.github.etcdlock.etcd.LeaseManager;
import io.github.etcdlock.etcd.LockCensus;
import io.github.etcdlock.etcd.LockOwner;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;

/** The engine's census, as the endpoint shows it. */
final class EngineLocks implements ClusterLocks {

	private final LeaseManager leaseManager;

	private final LockCensus census;

	private final Duration patience;

	EngineLocks(LeaseManager leaseManager, Duration patience) {
		this.leaseManager = leaseManager;
		this.census = leaseManager.census();
		this.patience = patience;
	}

	@Override
	public Page read(@Nullable String after, int limit) {
		LockCensus.Page page = await(this.census.read(after, limit));
		Map<String, io.github.etcdlock.etcd.LocalLock> own = own();
		List<LockLine> lines = page.lines().stream().map((line) -> line(line, own)).toList();
		return new Page(lines, page.more() && !lines.isEmpty() ? lines.get(lines.size() - 1).key() : null);
	}

	@Override
	public LockLine read(String key) {
		return line(await(this.census.read(key)), own());
	}

	/**
	 * What this instance has in etcd, by its keys there; the first of several who share.
	 */
	private Map<String, io.github.etcdlock.etcd.LocalLock> own() {
		Map<String, io.github.etcdlock.etcd.LocalLock> own = new HashMap<>();
		await(this.census.here()).forEach((lock) -> lock.ownershipKeys().forEach((key) -> own.putIfAbsent(key, lock)));
		return own;
	}

	@Override
	public List<LocalLock> here() {
		return await(this.census.here()).stream()
			.map((lock) -> new LocalLock(lock.keys(), lock.name(), text(lock.mode()), lock.held(), lock.token(),
					lock.since().toMillis(), lock.thread()))
			.toList();
	}

	@Override
	public boolean revoke(LockLine.Place place, boolean force) {
		try {
			return await(force ? this.leaseManager.forceRelease(place.ownershipKey(), place.revision())
					: this.leaseManager.requestRevocation(place.ownershipKey(), place.revision()));
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidEndpointRequestException("The key " + place.ownershipKey() + " is not one of ours",
					"The holder is no process of this library: revoke its lease " + place.lease() + " with etcdctl");
		}
	}

	private static LockLine line(io.github.etcdlock.etcd.LockLine line,
			Map<String, io.github.etcdlock.etcd.LocalLock> own) {
		List<LockLine.Place> places = new ArrayList<>();
		for (io.github.etcdlock.etcd.LockLine.Place place : line.places()) {
			Duration left = place.ttlLeft();
			io.github.etcdlock.etcd.LocalLock mine = own.get(place.ownershipKey());
			places.add(new LockLine.Place(places.size(), place.held(), text(place.mode()), place.token(),
					place.ownershipKey(), place.revision(), place.lease(), (left != null) ? left.toSeconds() : null,
					owner(place.owner()), (mine != null) ? mine.thread() : null,
					(mine != null) ? mine.since().toMillis() : null));
		}
		return new LockLine(line.key(), places);
	}

	private static LockLine.@Nullable Owner owner(@Nullable LockOwner owner) {
		return (owner != null) ? new LockLine.Owner(owner.application(), owner.host(), owner.pid(), owner.start())
				: null;
	}

	private static String text(LockMode mode) {
		return mode.name().toLowerCase(Locale.ROOT);
	}

	private <T> T await(CompletableFuture<T> answer) {
		try {
			return answer.orTimeout(this.patience.toMillis(), TimeUnit.MILLISECONDS).join();
		}
		catch (CompletionException ex) {
			throw (ex.getCause() instanceof RuntimeException cause) ? cause
					: new LockUnavailableException("etcd did not say in time who holds which lock", ex);
		}
	}

}
