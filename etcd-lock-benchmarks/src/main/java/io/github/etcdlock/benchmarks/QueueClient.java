package io.github.etcdlock.benchmarks;

/**
 * One process's client of queues. Its pairs are an item that is offered and one that is
 * taken, by the same thread, so that there is always one to take.
 */
interface QueueClient extends LockClient {

	/** What is offered. */
	String ITEM = "an item of a benchmark";

	/** Returns when the server has confirmed. */
	void offer(String queue) throws Exception;

	/**
	 * Takes an item, and returns when the server has confirmed that nobody else gets it.
	 */
	void take(String queue) throws Exception;

	@Override
	default Held lock(String key) throws Exception {
		offer(key);
		return () -> take(key);
	}

}
