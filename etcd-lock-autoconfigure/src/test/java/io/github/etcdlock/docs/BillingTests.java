package io.github.etcdlock.docs;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.autoconfigure.EtcdLockAopAutoConfiguration;
import io.github.etcdlock.autoconfigure.EtcdLockAutoConfiguration;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/** A test as users write it, with nothing but what they have. */
@SpringBootTest(properties = "etcd-lock.request-timeout=10s")
@DirtiesContext
class BillingTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@DynamicPropertySource
	static void etcd(DynamicPropertyRegistry registry) {
		registry.add("etcd-lock.endpoints", etcd::endpoint);
		registry.add("etcd-lock.key-prefix", etcd::freshPrefix);
	}

	@Test
	void orderIsBilledByOneAtATime(@Autowired Moved billing, @Autowired LockTemplate locks) throws Exception {
		try (LockHandle other = locks.acquire("acme:order:7")) {
			assertThat(other.isHeld()).isTrue();
			assertThat(billing.bill("acme", "7")).isEqualTo("try again later");
		}
		assertThat(billing.bill("acme", "7")).isEqualTo("billed");
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ EtcdLockAutoConfiguration.class, EtcdLockAopAutoConfiguration.class })
	@Import(Moved.class)
	static class Application {

	}

}
