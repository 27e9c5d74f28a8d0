package io.github.etcdlock.etcd;

import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.extension.RegisterExtension;

class SeveralKeysTests extends SeveralKeysContract {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	SeveralKeysTests() {
		super(etcd.cluster());
	}

}
