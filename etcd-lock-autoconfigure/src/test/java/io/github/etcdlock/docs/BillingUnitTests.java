package io.github.etcdlock.docs;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.etcd.LeaseManager;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

import static org.assertj.core.api.Assertions.assertThat;

/** The same without etcd. */
@SpringBootTest(classes = BillingTests.Application.class, properties = "etcd-lock.enabled=false")
class BillingUnitTests {

	@Test
	void annotationWorksWithinTheProcess(@Autowired Moved billing, @Autowired LockTemplate locks,
			@Autowired ObjectProvider<LeaseManager> engine) throws Exception {
		try (LockHandle other = locks.acquire("acme:order:7")) {
			assertThat(other.isHeld()).isTrue();
			assertThat(billing.bill("acme", "7")).isEqualTo("try again later");
		}
		assertThat(billing.bill("acme", "7")).isEqualTo("billed");
		assertThat(engine.getIfAvailable()).isNull();
	}

}
