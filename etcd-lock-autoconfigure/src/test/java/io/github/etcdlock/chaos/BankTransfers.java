package io.github.etcdlock.chaos;

import java.time.Duration;

/** Everybody moves money between the same accounts, without a lock. */
final class BankTransfers implements Workload {

	@Override
	public void step(Client client) throws InterruptedException {
		int from = client.random().nextInt(Bank.ACCOUNTS);
		client.transfer(from, (from + 1 + client.random().nextInt(Bank.ACCOUNTS - 1)) % Bank.ACCOUNTS);
		client.rest(Duration.ofMillis(50 + client.random().nextInt(150)));
	}

}
