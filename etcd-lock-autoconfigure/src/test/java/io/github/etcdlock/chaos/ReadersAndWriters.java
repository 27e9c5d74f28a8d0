package io.github.etcdlock.chaos;

import java.time.Duration;

import io.github.etcdlock.LockRequest;

/** A few locks that most share and some want for themselves. */
final class ReadersAndWriters implements Workload {

	@Override
	public void step(Client client) throws InterruptedException {
		LockRequest request = LockRequest.of("rw-" + client.random().nextInt(3));
		boolean reads = client.random().nextInt(4) > 0;
		client.turn(reads ? request.shared() : request, Duration.ofMillis(client.random().nextInt(60)));
		client.rest(Duration.ofMillis(client.random().nextInt(80)));
	}

}
