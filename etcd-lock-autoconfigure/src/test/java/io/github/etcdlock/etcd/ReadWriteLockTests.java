package io.github.etcdlock.etcd;

import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.extension.RegisterExtension;

class ReadWriteLockTests extends ReadWriteLockContract {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	ReadWriteLockTests() {
		super(etcd.cluster());
	}

}
