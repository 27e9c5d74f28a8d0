package io.github.etcdlock.chaos;

import io.github.etcdlock.recipe.DistributedSemaphore;

/** Broken on purpose: its semaphores have a permit too many. */
final class OverAdmitting extends EngineLocks {

	OverAdmitting(Site site) {
		super(site);
	}

	@Override
	public DistributedSemaphore semaphore(String name, int permits) {
		return super.semaphore(name, permits + 1);
	}

}
