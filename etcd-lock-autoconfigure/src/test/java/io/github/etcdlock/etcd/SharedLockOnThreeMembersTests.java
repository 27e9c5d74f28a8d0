package io.github.etcdlock.etcd;

import io.github.etcdlock.test.EtcdCluster;
import org.junit.jupiter.api.AutoClose;

class SharedLockOnThreeMembersTests extends SharedLockContract {

	@AutoClose
	static final EtcdCluster cluster = EtcdCluster.ofThree();

	SharedLockOnThreeMembersTests() {
		super(cluster);
	}

}
