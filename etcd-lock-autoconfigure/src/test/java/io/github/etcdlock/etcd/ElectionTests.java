package io.github.etcdlock.etcd;

import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.extension.RegisterExtension;

class ElectionTests extends ElectionContract {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	ElectionTests() {
		super(etcd.cluster());
	}

}
