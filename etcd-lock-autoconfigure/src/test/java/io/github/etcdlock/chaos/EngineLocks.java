package io.github.etcdlock.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.etcd.EtcdConnection;
import io.github.etcdlock.etcd.LeaseManager;
import io.github.etcdlock.etcd.LockSettings;
import io.github.etcdlock.guard.EngineGuard;
import io.github.etcdlock.guard.EtcdTransport;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.ValueFormat;

/** The locks of this project. */
class EngineLocks implements Locks {

	private final LeaseManager manager;

	private final LockedWork work;

	private final EtcdRecipes recipes;

	private final Duration ttl;

	EngineLocks(Site site) {
		this.ttl = site.ttl();
		this.manager = new LeaseManager(new EtcdConnection(site.endpoints(), null, null, null, Duration.ofSeconds(3)),
				new LockSettings(site.prefix(), Duration.ofSeconds(10), site.ttl(), site.ttl().dividedBy(3),
						Duration.ofSeconds(5), site.name()),
				List.of());
		this.recipes = this.manager.recipes(ValueFormat.textOnly());
		this.work = LockedWork.on(this.manager.lockTemplate());
	}

	@Override
	public Optional<Hold> acquire(LockRequest request) throws InterruptedException {
		return this.manager.lockTemplate().tryAcquire(request).map(EngineHold::new);
	}

	@Override
	public Ledger etcdLedger() {
		return new EtcdLedger(guardedWrites());
	}

	/** Markers end with the locks, so that a killed worker leaves nothing for longer. */
	EtcdTransport guardedWrites() {
		return EngineGuard.transport(this.manager, this.ttl);
	}

	@Override
	public EtcdRecipes recipes() {
		return this.recipes;
	}

	@Override
	public LockedWork.Subscription subscribe(String key) {
		return new LockedWork.Subscription(this.work, key);
	}

	@Override
	public void close() {
		this.manager.close();
	}

	record EngineHold(LockHandle handle, int permits) implements Hold {

		EngineHold(LockHandle handle) {
			this(handle, 0);
		}

		@Override
		public long token() {
			return this.handle.fencingToken();
		}

		@Override
		public boolean shared() {
			return this.handle.mode() == LockMode.SHARED;
		}

		@Override
		public boolean isHeld() {
			return this.handle.isHeld();
		}

		@Override
		public void onLost(Runnable action) {
			this.handle.onLost(action);
		}

		@Override
		public void holdAtLeast(Duration time) {
			this.handle.holdAtLeast(time);
		}

		@Override
		public void close() {
			this.handle.close();
		}

	}

}
