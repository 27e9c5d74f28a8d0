package io.github.etcdlock.chaos;

import java.time.Duration;

/** Everybody wants the same lock, for a moment. */
final class OneHotKey implements Workload {

	@Override
	public void step(Client client) throws InterruptedException {
		client.turn("hot", Duration.ofMillis(client.random().nextInt(10)));
		client.rest(Duration.ofMillis(client.random().nextInt(120)));
	}

}
