package io.github.etcdlock.docs;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.guard.EtcdGuard;
import io.github.etcdlock.guard.GuardOutcome;
import io.github.etcdlock.guard.GuardedWrite;

class Settings {

	private final EtcdGuard guard;

	Settings(EtcdGuard guard) {
		this.guard = guard;
	}

	@DistributedLock("settings")
	public GuardOutcome publish(String name, String value, LockHandle lock) {
		GuardedWrite write = this.guard.write(lock).put("settings/" + name, value);
		// COMMITTED, or LOST and nothing was written.
		GuardOutcome outcome = write.commit();
		return (outcome == GuardOutcome.UNKNOWN) ? write.resolve() : outcome;
	}

}
