package io.github.etcdlock.chaos;

import java.time.Duration;

/** One candidate of each worker, who leads for a while and stands again. */
final class Elections implements Workload {

	static final String KEY = "election";

	@Override
	public void step(Client client) throws InterruptedException {
		client.lead(KEY, Duration.ofMillis(client.random().nextInt(200)));
		client.rest(Duration.ofMillis(50 + client.random().nextInt(100)));
	}

}
