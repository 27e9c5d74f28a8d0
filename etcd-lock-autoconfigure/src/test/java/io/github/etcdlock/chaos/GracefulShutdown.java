package io.github.etcdlock.chaos;

import java.time.Duration;

/** Closes everything while a lock is held, as an application that ends. */
final class GracefulShutdown implements Workload {

	@Override
	public void step(Client client) throws InterruptedException {
		client.turnThatShutdownEnds("shutdown", Duration.ofMillis(client.random().nextInt(50)));
		client.rest(Duration.ofMillis(300));
	}

}
