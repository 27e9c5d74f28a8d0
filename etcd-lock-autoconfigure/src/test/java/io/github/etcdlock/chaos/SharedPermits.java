package io.github.etcdlock.chaos;

import java.time.Duration;

/** Few permits for all workers, each of which wants one or several. */
final class SharedPermits implements Workload {

	static final String KEY = "permits";

	static final int PERMITS = 3;

	@Override
	public void step(Client client) throws InterruptedException {
		client.take(KEY, 1 + client.random().nextInt(PERMITS), PERMITS,
				Duration.ofMillis(client.random().nextInt(200)));
		client.rest(Duration.ofMillis(20 + client.random().nextInt(80)));
	}

}
