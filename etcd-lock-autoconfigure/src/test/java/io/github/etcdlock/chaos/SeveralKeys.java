package io.github.etcdlock.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import io.github.etcdlock.LockRequest;

/** Two or three of a few locks, taken together. */
final class SeveralKeys implements Workload {

	/** Whoever waits for some of them may wait for one while others are free. */
	static final List<String> KEYS = List.of("part-0", "part-1", "part-2", "part-3", "part-4", "part-5");

	@Override
	public void step(Client client) throws InterruptedException {
		List<String> keys = new ArrayList<>(KEYS);
		Collections.shuffle(keys, client.random());
		String[] some = keys.subList(0, 2 + client.random().nextInt(2)).toArray(String[]::new);
		client.turn(LockRequest.of(some), Duration.ofMillis(client.random().nextInt(40)));
		client.rest(Duration.ofMillis(client.random().nextInt(160)));
	}

}
