package io.github.etcdlock.etcd;

import io.github.etcdlock.test.EtcdCluster;
import org.junit.jupiter.api.AutoClose;

class ElectionOnThreeMembersTests extends ElectionContract {

	@AutoClose
	static final EtcdCluster cluster = EtcdCluster.ofThree();

	ElectionOnThreeMembersTests() {
		super(cluster);
	}

}
