package io.github.etcdlock.etcd;

import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.extension.RegisterExtension;

class TransactionsTests extends TransactionsContract {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	TransactionsTests() {
		super(etcd.cluster());
	}

}
