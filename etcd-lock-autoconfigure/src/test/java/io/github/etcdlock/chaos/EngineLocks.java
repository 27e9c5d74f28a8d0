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

/** The locks of this project. */
final class EngineLocks implements Locks {

	private final LeaseManager manager;

	EngineLocks(Site site) {
		this.manager = new LeaseManager(new EtcdConnection(site.endpoints(), null, null, null, Duration.ofSeconds(3)),
				new LockSettings(site.prefix(), Duration.ofSeconds(10), site.ttl(), site.ttl().dividedBy(3),
						Duration.ofSeconds(5), site.name()),
				List.of());
	}

	@Override
	public Optional<Hold> acquire(LockRequest request) throws InterruptedException {
		return this.manager.lockTemplate().tryAcquire(request).map(EngineHold::new);
	}

	@Override
	public void close() {
		this.manager.close();
	}

	private record EngineHold(LockHandle handle) implements Hold {

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
		public void close() {
			this.handle.close();
		}

	}

}
