package io.github.etcdlock.chaos;

import java.time.Duration;

/** Locked publishers, whose subscribers go away at any time. */
final class ReactiveHolders implements Workload {

	@Override
	public void step(Client client) throws InterruptedException {
		Duration patience = Duration.ofMillis(client.random().nextInt(4) * 300);
		client.turnInAPublisher("reactive", Duration.ofMillis(client.random().nextInt(40)), patience);
		client.rest(Duration.ofMillis(50));
	}

}
