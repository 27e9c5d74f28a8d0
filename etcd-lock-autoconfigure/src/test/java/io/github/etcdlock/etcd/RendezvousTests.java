package io.github.etcdlock.etcd;

import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.extension.RegisterExtension;

class RendezvousTests extends RendezvousContract {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	RendezvousTests() {
		super(etcd.cluster());
	}

}
