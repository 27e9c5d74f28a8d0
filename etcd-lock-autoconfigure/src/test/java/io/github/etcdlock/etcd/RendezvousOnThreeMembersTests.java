package io.github.etcdlock.etcd;

import io.github.etcdlock.test.EtcdCluster;
import org.junit.jupiter.api.AutoClose;

class RendezvousOnThreeMembersTests extends RendezvousContract {

	@AutoClose
	static final EtcdCluster cluster = EtcdCluster.ofThree();

	RendezvousOnThreeMembersTests() {
		super(cluster);
	}

}
