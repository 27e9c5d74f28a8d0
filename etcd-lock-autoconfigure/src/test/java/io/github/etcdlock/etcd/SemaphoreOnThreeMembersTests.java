package io.github.etcdlock.etcd;

import io.github.etcdlock.test.EtcdCluster;
import org.junit.jupiter.api.AutoClose;

class SemaphoreOnThreeMembersTests extends SemaphoreContract {

	@AutoClose
	static final EtcdCluster cluster = EtcdCluster.ofThree();

	SemaphoreOnThreeMembersTests() {
		super(cluster);
	}

}
