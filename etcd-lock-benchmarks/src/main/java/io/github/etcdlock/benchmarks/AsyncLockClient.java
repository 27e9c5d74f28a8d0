package io.github.etcdlock.benchmarks;

import java.util.concurrent.CompletableFuture;

/** A client that needs no thread for each waiter. */
interface AsyncLockClient extends LockClient {

	/** Asks for a lock. */
	CompletableFuture<? extends AsyncHeld> lockAsync(String key);

	/** A lock that was taken. */
	interface AsyncHeld {

		/** Gives it back; done when the server has confirmed. */
		CompletableFuture<?> unlockAsync();

	}

}
