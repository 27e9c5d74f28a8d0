package io.github.etcdlock.chaos;

import java.time.Duration;

/** Counts in etcd and in a database, each behind its guard. */
final class GuardedWrites implements Workload {

	static final String IN_ETCD = "etcd-ledger";

	static final String IN_DATABASE = "jdbc-ledger";

	@Override
	public void step(Client client) throws InterruptedException {
		boolean inEtcd = client.random().nextBoolean();
		client.write(inEtcd ? IN_ETCD : IN_DATABASE, inEtcd);
		client.rest(Duration.ofMillis(client.random().nextInt(200)));
	}

}
