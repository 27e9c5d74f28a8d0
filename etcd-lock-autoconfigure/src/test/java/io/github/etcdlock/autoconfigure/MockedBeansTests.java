package io.github.etcdlock.autoconfigure;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.aop.RecordingLockTemplate;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.context.bean.override.mockito.MockitoSpyBean;
import org.springframework.test.context.junit.jupiter.SpringJUnitConfig;

import static org.assertj.core.api.Assertions.assertThat;

/** Users mock their annotated beans: those are no beans that were forgotten to lock. */
@SpringJUnitConfig
class MockedBeansTests {

	@MockitoBean
	private Mocked mocked;

	@MockitoSpyBean
	private Spied spied;

	@Autowired
	private RecordingLockTemplate template;

	@Test
	void mocksAreNotLockedAndSpiesAre() {
		this.mocked.run();
		assertThat(this.template.keys()).isEmpty();
		this.spied.run();
		assertThat(this.template.keys()).containsExactly("spied");
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(EtcdLockAopAutoConfiguration.class)
	static class Beans {

		@Bean
		RecordingLockTemplate template() {
			return new RecordingLockTemplate();
		}

		@Bean
		Mocked mocked() {
			return new Mocked();
		}

		@Bean
		Spied spied() {
			return new Spied();
		}

	}

	static class Mocked {

		@DistributedLock("mocked")
		public void run() {
		}

	}

	static class Spied {

		@DistributedLock("spied")
		public void run() {
		}

	}

}
