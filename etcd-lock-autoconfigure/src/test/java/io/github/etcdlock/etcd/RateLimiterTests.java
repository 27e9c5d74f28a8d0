package io.github.etcdlock.etcd;

import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.extension.RegisterExtension;

class RateLimiterTests extends RateLimiterContract {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	RateLimiterTests() {
		super(etcd.cluster());
	}

}
