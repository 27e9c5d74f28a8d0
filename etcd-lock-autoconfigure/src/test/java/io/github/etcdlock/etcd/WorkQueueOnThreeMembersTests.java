package io.github.etcdlock.etcd;

import io.github.etcdlock.test.EtcdCluster;
import org.junit.jupiter.api.AutoClose;

class WorkQueueOnThreeMembersTests extends WorkQueueContract {

	@AutoClose
	static final EtcdCluster cluster = EtcdCluster.ofThree();

	WorkQueueOnThreeMembersTests() {
		super(cluster);
	}

}
