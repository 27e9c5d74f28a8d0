package io.github.etcdlock.etcd;

import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.extension.RegisterExtension;

class QueueTests extends QueueContract {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	QueueTests() {
		super(etcd.cluster());
	}

}
