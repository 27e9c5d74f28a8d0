package io.github.etcdlock.etcd;

import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.extension.RegisterExtension;

class SemaphoreTests extends SemaphoreContract {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	SemaphoreTests() {
		super(etcd.cluster());
	}

}
