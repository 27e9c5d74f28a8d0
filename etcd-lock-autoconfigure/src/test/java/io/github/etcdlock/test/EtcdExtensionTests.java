package io.github.etcdlock.test;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class EtcdExtensionTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@Test
	void parameterAndFieldAreTheSameEtcd(EtcdCluster cluster) {
		assertThat(cluster).isSameAs(etcd.cluster());
		assertThat(cluster.endpoint()).isEqualTo(etcd.endpoint());
		assertThat(cluster.contents().revision()).isPositive();
	}

	@Test
	void eachPrefixIsFresh() {
		assertThat(etcd.freshPrefix()).startsWith("/").isNotEqualTo(etcd.freshPrefix());
	}

	@Test
	void etcdctlTalksToTheSameEtcd() throws Exception {
		String key = etcd.freshPrefix() + "/a";
		Process put = etcd.cluster().etcdctl("put", key, "1").start();
		assertThat(put.inputReader().lines()).containsExactly("OK");
		assertThat(put.waitFor()).isZero();
		assertThat(etcd.cluster().contents().under(key)).hasSize(1);
	}

	@Test
	void fieldThatIsNotStaticIsExplained() {
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> new EtcdExtension().cluster())
			.withMessageContaining("@RegisterExtension");
	}

}
