package io.github.etcdlock.chaos;

import java.time.Duration;

/** Everybody offers work to one queue, and does what comes out of it. */
final class QueuedWork implements Workload {

	@Override
	public void step(Client client) throws InterruptedException {
		client.work(Duration.ofMillis(client.random().nextInt(200)));
		client.rest(Duration.ofMillis(20 + client.random().nextInt(50)));
	}

}
