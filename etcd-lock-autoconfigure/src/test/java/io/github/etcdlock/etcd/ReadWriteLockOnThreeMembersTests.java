package io.github.etcdlock.etcd;

import io.github.etcdlock.test.EtcdCluster;
import org.junit.jupiter.api.AutoClose;

class ReadWriteLockOnThreeMembersTests extends ReadWriteLockContract {

	@AutoClose
	static final EtcdCluster cluster = EtcdCluster.ofThree();

	ReadWriteLockOnThreeMembersTests() {
		super(cluster);
	}

}
