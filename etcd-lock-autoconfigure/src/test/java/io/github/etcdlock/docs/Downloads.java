package io.github.etcdlock.docs;

import java.time.Duration;
import java.util.Optional;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.recipe.DistributedSemaphore;
import io.github.etcdlock.recipe.EtcdRecipes;

class Downloads {

	private final DistributedSemaphore slots;

	Downloads(EtcdRecipes recipes) {
		this.slots = recipes.semaphore("downloads", 10);
	}

	void download(Runnable work) throws InterruptedException {
		try (LockHandle slot = this.slots.acquire()) {
			work.run();
		}
	}

	Optional<LockHandle> bigDownload() throws InterruptedException {
		return this.slots.tryAcquire(4, Duration.ofSeconds(30));
	}

}
