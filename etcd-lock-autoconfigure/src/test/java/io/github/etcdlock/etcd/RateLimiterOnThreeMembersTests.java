package io.github.etcdlock.etcd;

import io.github.etcdlock.test.EtcdCluster;
import org.junit.jupiter.api.AutoClose;

class RateLimiterOnThreeMembersTests extends RateLimiterContract {

	@AutoClose
	static final EtcdCluster cluster = EtcdCluster.ofThree();

	RateLimiterOnThreeMembersTests() {
		super(cluster);
	}

}
