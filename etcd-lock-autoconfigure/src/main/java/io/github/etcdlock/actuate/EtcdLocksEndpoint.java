package io.github.etcdlock.actuate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

import io.github.etcdlock.InvalidLockKeyException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockUnavailableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.aot.hint.annotation.RegisterReflectionForBinding;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/**
 * Who holds and waits for which lock, in the whole cluster. Only where its access is
 * unrestricted can locks be ended through it.
 */
@Endpoint(id = "etcdlocks", defaultAccess = Access.READ_ONLY)
@RegisterReflectionForBinding({ EtcdLocksEndpoint.Instance.class, WaitForGraph.class })
public final class EtcdLocksEndpoint {

	private static final Logger logger = LoggerFactory.getLogger(EtcdLocksEndpoint.class);

	private static final int LIMIT = 100;

	private static final int MAX_LIMIT = 1_000;

	/** How much the search for circles reads at most. */
	private static final int MAX_PAGES = 10;

	private final ClusterLocks locks;

	private final BiConsumer<String, Revocation> audit;

	/**
	 * Creates the endpoint.
	 * @param locks the locks
	 * @param audit is told who has ended which lock
	 */
	public EtcdLocksEndpoint(ClusterLocks locks, BiConsumer<String, Revocation> audit) {
		this.locks = locks;
		this.audit = audit;
	}

	/**
	 * Locks of the whole cluster, in parts.
	 * @param key only this lock, or null for all
	 * @param after the last key of the part before, or null to begin
	 * @param limit how many, 100 unless given, 1000 at most
	 * @return the locks, and what to read after
	 */
	@ReadOperation
	public ClusterLocks.Page locks(@Nullable String key, @Nullable String after, @Nullable Integer limit) {
		if (key != null) {
			return new ClusterLocks.Page(List.of(read(key)), null);
		}
		int most = (limit != null) ? limit : LIMIT;
		if (most < 1 || most > MAX_LIMIT) {
			String problem = "The limit must be from 1 to " + MAX_LIMIT + ", but is " + most;
			throw new InvalidEndpointRequestException(problem, problem);
		}
		return this.locks.read(after, most);
	}

	private LockLine read(String key) {
		try {
			LockRequest.of(key);
		}
		catch (InvalidLockKeyException ex) {
			throw new InvalidEndpointRequestException(ex.getMessage(), ex.getMessage(), ex);
		}
		return this.locks.read(key);
	}

	/**
	 * Another view of the locks.
	 * @param view "instance" for what this instance holds and waits for, "waits" for who
	 * waits for whom
	 * @return the view, or null if there is no such view
	 */
	@ReadOperation
	public @Nullable Object view(@Selector String view) {
		return switch (view) {
			case "instance" -> new Instance(this.locks.here());
			case "waits" -> waits();
			default -> null;
		};
	}

	private WaitForGraph waits() {
		List<LockLine> all = new ArrayList<>();
		String after = null;
		for (int pages = 0; pages < MAX_PAGES; pages++) {
			ClusterLocks.Page page = this.locks.read(after, MAX_LIMIT);
			all.addAll(page.locks());
			after = page.next();
			if (after == null) {
				break;
			}
		}
		return WaitForGraph.of(all, after == null);
	}

	/**
	 * Ends a lock.
	 * @param key the lock's key
	 * @param token the token of the holder that is meant
	 * @param force whether to take it away; else the holder is asked to give it up
	 * @return what became of it
	 */
	@WriteOperation
	public Revocation end(String key, long token, @Nullable Boolean force) {
		return end("unknown", key, token, force);
	}

	Revocation end(String principal, String key, long token, @Nullable Boolean force) {
		boolean forced = Boolean.TRUE.equals(force);
		Optional<LockLine.Place> holder = read(key).line()
			.stream()
			.filter((place) -> place.held() && place.holds(token))
			.findFirst();
		Revocation revocation = new Revocation(key, token,
				holder.map((place) -> revoke(place, forced)).orElse(Revocation.Outcome.CONFLICT));
		this.audit.accept(principal, revocation);
		return revocation;
	}

	private Revocation.Outcome revoke(LockLine.Place holder, boolean forced) {
		try {
			return !this.locks.revoke(holder, forced) ? Revocation.Outcome.CONFLICT
					: forced ? Revocation.Outcome.RELEASED : Revocation.Outcome.ASKED;
		}
		catch (LockUnavailableException ex) {
			logger.warn("The lock may have been taken from its holder, or not", ex);
			return Revocation.Outcome.UNKNOWN;
		}
	}

	/**
	 * What this instance holds and waits for.
	 *
	 * @param locks the locks
	 */
	public record Instance(List<LocalLock> locks) {

	}

}
