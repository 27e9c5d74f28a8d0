package io.github.etcdlock.etcd;

import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.extension.RegisterExtension;

class SharedLockTests extends SharedLockContract {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	SharedLockTests() {
		super(etcd.cluster());
	}

}
