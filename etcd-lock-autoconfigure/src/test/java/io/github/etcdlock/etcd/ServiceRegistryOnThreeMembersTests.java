package io.github.etcdlock.etcd;

import io.github.etcdlock.test.EtcdCluster;
import org.junit.jupiter.api.AutoClose;

class ServiceRegistryOnThreeMembersTests extends ServiceRegistryContract {

	@AutoClose
	static final EtcdCluster cluster = EtcdCluster.ofThree();

	ServiceRegistryOnThreeMembersTests() {
		super(cluster);
	}

}
