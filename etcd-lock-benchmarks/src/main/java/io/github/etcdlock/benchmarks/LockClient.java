package io.github.etcdlock.benchmarks;

/** One process's client of what keeps the locks: how every contestant is measured. */
interface LockClient extends AutoCloseable {

	/** Takes a lock, for as long as that takes. */
	Held lock(String key) throws Exception;

	@Override
	void close();

	/** A lock that was taken. The thread that took it gives it back. */
	interface Held {

		/** Returns when the server has confirmed. */
		void unlock() throws Exception;

	}

}
