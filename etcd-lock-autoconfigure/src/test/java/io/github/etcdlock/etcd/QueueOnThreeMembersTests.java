package io.github.etcdlock.etcd;

import io.github.etcdlock.test.EtcdCluster;
import org.junit.jupiter.api.AutoClose;

class QueueOnThreeMembersTests extends QueueContract {

	@AutoClose
	static final EtcdCluster cluster = EtcdCluster.ofThree();

	QueueOnThreeMembersTests() {
		super(cluster);
	}

}
