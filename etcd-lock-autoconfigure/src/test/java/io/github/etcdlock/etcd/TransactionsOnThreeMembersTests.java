package io.github.etcdlock.etcd;

import io.github.etcdlock.test.EtcdCluster;
import org.junit.jupiter.api.AutoClose;

class TransactionsOnThreeMembersTests extends TransactionsContract {

	@AutoClose
	static final EtcdCluster cluster = EtcdCluster.ofThree();

	TransactionsOnThreeMembersTests() {
		super(cluster);
	}

}
