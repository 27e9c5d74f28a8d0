package io.github.etcdlock.autoconfigure;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.recipe.QueueListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/** What an application prints when it cannot start. */
@ExtendWith(OutputCaptureExtension.class)
class FailureAnalyzersTests {

	@Test
	void badPropertyIsExplained(CapturedOutput output) {
		run(Application.class, "--etcd-lock.ttl=1s");
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("The property etcd-lock.ttl = PT1S is no TTL that etcd has.")
			.contains("Use whole seconds from 2s to");
	}

	@Test
	void durationWithoutUnitIsExplained(CapturedOutput output) {
		run(Application.class, "--etcd-lock.wait-time=5");
		assertThat(output).contains("The property etcd-lock.wait-time = 5 has no unit.")
			.contains("Write it with its unit, such as 500ms, 5s or 2m.");
	}

	@Test
	void missingEtcdIsExplained(CapturedOutput output) {
		run(Application.class, "--etcd-lock.fail-fast=true", "--etcd-lock.endpoints=http://127.0.0.1:1",
				"--etcd-lock.request-timeout=8s");
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("The etcd at http://127.0.0.1:1 cannot be reached (Connection refused")
			.contains("etcd-lock.embedded.enabled=true");
	}

	@Test
	void missingBinaryIsExplained(CapturedOutput output) {
		run(Application.class, "--etcd-lock.embedded.enabled=true", "--etcd-lock.embedded.binary=/nowhere/etcd");
		assertThat(output).contains("asks for an etcd, but there is none").contains("/nowhere/etcd");
	}

	@Test
	void mistakenAnnotationIsExplained(CapturedOutput output) {
		run(MistakenApplication.class, "--etcd-lock.enabled=false");
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("Mistaken.run(String) (bean 'io.github.etcdlock.autoconfigure.FailureAnalyzersTests$Mistaken'): "
					+ "#id stands outside of braces")
			.contains("Write #{#id}");
	}

	@Test
	void mistakenQueueListenerIsExplained(CapturedOutput output) {
		run(MistakenListenerApplication.class);
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("MistakenListener.work(): its parameters are not those of a listener")
			.contains("Give it one parameter for the value");
	}

	private static void run(Class<?> application, String... arguments) {
		SpringApplication spring = new SpringApplication(application);
		spring.setWebApplicationType(WebApplicationType.NONE);
		assertThatException().isThrownBy(() -> spring.run(arguments));
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(Mistaken.class)
	static class MistakenApplication {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(MistakenListener.class)
	static class MistakenListenerApplication {

	}

	static class MistakenListener {

		@QueueListener(queue = "orders")
		public void work() {
		}

	}

	static class Mistaken {

		@DistributedLock("#id")
		public void run(String id) {
		}

	}

}
