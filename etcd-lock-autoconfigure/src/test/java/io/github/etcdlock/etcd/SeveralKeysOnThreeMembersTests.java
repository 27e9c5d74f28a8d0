package io.github.etcdlock.etcd;

import io.github.etcdlock.test.EtcdCluster;
import org.junit.jupiter.api.AutoClose;

class SeveralKeysOnThreeMembersTests extends SeveralKeysContract {

	@AutoClose
	static final EtcdCluster cluster = EtcdCluster.ofThree();

	SeveralKeysOnThreeMembersTests() {
		super(cluster);
	}

}
