package io.github.etcdlock.etcd;

import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.extension.RegisterExtension;

class ServiceRegistryTests extends ServiceRegistryContract {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	ServiceRegistryTests() {
		super(etcd.cluster());
	}

}
