package io.github.etcdlock.chaos;

import java.time.Duration;

/**
 * A lock that is always held, and waited for by one thread of each other worker, so that
 * a fault finds a holder, and the moment etcd gives the lock away shows at once.
 */
final class LongHolds implements Workload {

	private final String key;

	LongHolds(int thread) {
		this.key = "long-" + thread;
	}

	@Override
	public void step(Client client) throws InterruptedException {
		client.turn(this.key, Duration.ofMillis(100 + client.random().nextInt(2400)));
	}

}
