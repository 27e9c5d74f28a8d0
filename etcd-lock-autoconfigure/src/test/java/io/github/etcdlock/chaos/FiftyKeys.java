package io.github.etcdlock.chaos;

import java.time.Duration;

/** Many locks, each seldom wanted by two. */
final class FiftyKeys implements Workload {

	@Override
	public void step(Client client) throws InterruptedException {
		client.turn("key-" + client.random().nextInt(50), Duration.ofMillis(client.random().nextInt(80)));
		client.rest(Duration.ofMillis(client.random().nextInt(160)));
	}

}
