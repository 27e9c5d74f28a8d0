package io.github.etcdlock.etcd;

import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.extension.RegisterExtension;

class WorkQueueTests extends WorkQueueContract {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	WorkQueueTests() {
		super(etcd.cluster());
	}

}
