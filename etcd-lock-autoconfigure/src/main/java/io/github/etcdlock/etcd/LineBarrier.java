package io.github.etcdlock.etcd;

import java.time.Duration;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.recipe.DistributedBarrier;

/** A barrier: down while anybody has a key in its line, each bound to its session. */
final class LineBarrier implements DistributedBarrier {

	private final Claims claims;

	private final Waits waits;

	private final Claim claim;

	private final Sight sight;

	LineBarrier(Engine engine, Claims claims, Waits waits, String name) {
		RecipeName.checked("barrier", name);
		this.claims = claims;
		this.waits = waits;
		this.claim = Claim.of(Claim.Kind.BARRIER, name, Presence.THERE);
		this.sight = new Sight(engine, Claim.Kind.BARRIER.line(engine.keys(), name));
	}

	@Override
	public LockHandle hold() throws InterruptedException {
		return this.claims.acquire(this.claim, this.claims.patience(), "etcd did not answer in time");
	}

	@Override
	public boolean await(Duration wait) throws InterruptedException {
		Claims.checkWait(wait);
		return this.sight
			.await(this.waits, wait, "wait for the " + this.claim.text(),
					(entries) -> entries.isEmpty() ? Boolean.TRUE : null)
			.isPresent();
	}

}
