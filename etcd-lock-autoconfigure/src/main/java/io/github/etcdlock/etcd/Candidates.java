package io.github.etcdlock.etcd;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

import io.github.etcdlock.recipe.LeadershipListener;

/**
 * Who stands in the elections of this process. They are told of their end while they
 * still lead, also where the application ends before anybody closes them.
 */
final class Candidates {

	private final Engine engine;

	private final Claims claims;

	private final Waits waits;

	private final Set<StandingCandidate> standing = ConcurrentHashMap.newKeySet();

	private volatile boolean closed;

	Candidates(Engine engine, Claims claims, Waits waits) {
		this.engine = engine;
		this.claims = claims;
		this.waits = waits;
	}

	StandingCandidate stand(Claim claim, LeadershipListener listener) {
		StandingCandidate candidate = new StandingCandidate(this.engine, this.claims, this.waits, claim, listener,
				this.standing::remove);
		this.standing.add(candidate);
		if (this.closed) {
			candidate.end();
			throw new IllegalStateException(
					"The " + claim.text() + " has ended for this process: is the application shutting down?");
		}
		candidate.begin();
		return candidate;
	}

	/**
	 * Nobody stands any more.
	 * @return completes when their listeners know, and they have given up
	 */
	CompletableFuture<Void> close() {
		this.closed = true;
		return CompletableFuture.allOf(
				List.copyOf(this.standing).stream().map(StandingCandidate::end).toArray(CompletableFuture<?>[]::new));
	}

}
