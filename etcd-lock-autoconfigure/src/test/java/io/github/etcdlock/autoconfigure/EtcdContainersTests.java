package io.github.etcdlock.autoconfigure;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetailsFactories;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetailsNotFoundException;
import org.springframework.boot.docker.compose.core.ConnectionPorts;
import org.springframework.boot.docker.compose.core.ImageReference;
import org.springframework.boot.docker.compose.core.RunningService;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionSource;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.testcontainers.context.ImportTestcontainers;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;
import org.springframework.boot.testcontainers.service.connection.ServiceConnectionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.testcontainers.containers.GenericContainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Containers are found as Spring Boot finds them; there is no docker here to run them.
 */
class EtcdContainersTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(ServiceConnectionAutoConfiguration.class, EtcdLockAutoConfiguration.class));

	@Test
	void containerWithAnEtcdTakesThePlaceOfTheProperties() {
		this.runner.withUserConfiguration(Containers.class).run((context) -> {
			assertThat(context).hasSingleBean(EtcdConnectionDetails.class)
				.doesNotHaveBean(PropertiesEtcdConnectionDetails.class);
			assertThat(context.getBean(EtcdConnectionDetails.class).getEndpoints())
				.containsExactly("http://127.0.0.1:32379");
		});
	}

	/** Boot does not call bean methods for that: they have to name it. */
	@ParameterizedTest
	@ValueSource(classes = { ByImage.class, ByImageOfGoogle.class })
	void containerInAFieldIsFoundByItsImage(Class<?> containers) {
		this.runner.withUserConfiguration(containers)
			.run((context) -> assertThat(context.getBean(EtcdConnectionDetails.class).getEndpoints())
				.containsExactly("http://127.0.0.1:32379"));
	}

	@Test
	void containerOfAnythingElseIsNoEtcd() {
		this.runner.withUserConfiguration(AnotherImage.class)
			.run((context) -> assertThat(context.getStartupFailure())
				.isInstanceOf(ConnectionDetailsNotFoundException.class));
	}

	@Test
	void propertiesStayWithoutDockerCompose() {
		this.runner.withClassLoader(new FilteredClassLoader("org.springframework.boot.docker"))
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(PropertiesEtcdConnectionDetails.class));
	}

	@Test
	void propertiesStayWithoutTestcontainers() {
		this.runner.withClassLoader(new FilteredClassLoader("org.testcontainers"))
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(PropertiesEtcdConnectionDetails.class));
	}

	@ParameterizedTest
	@CsvSource({ "quay.io/coreos/etcd:v3.5.28, , true", "gcr.io/etcd-development/etcd:v3.6.9, , true",
			"bitnami/etcd, , true", "etcd, , true", "redis, , false", "example.org/etcd-browser, , false",
			"example.org/our-store, etcd, true", "coreos/etcd, redis, false" })
	void serviceOfDockerComposeIsFoundByItsImageOrLabel(String image, String label, boolean found) {
		RunningService service = mock(RunningService.class);
		ConnectionPorts ports = mock(ConnectionPorts.class);
		given(ports.get(2379)).willReturn(32379);
		given(service.image()).willReturn(ImageReference.of(image));
		given(service.labels())
			.willReturn((label != null) ? Map.of("org.springframework.boot.service-connection", label) : Map.of());
		given(service.host()).willReturn("127.0.0.1");
		given(service.ports()).willReturn(ports);
		DockerComposeConnectionSource source = mock(DockerComposeConnectionSource.class);
		given(source.getRunningService()).willReturn(service);
		Map<Class<?>, ConnectionDetails> details = new ConnectionDetailsFactories(getClass().getClassLoader())
			.getConnectionDetails(source, false);
		if (found) {
			assertThat(details).containsOnlyKeys(EtcdConnectionDetails.class);
			assertThat(((EtcdConnectionDetails) details.get(EtcdConnectionDetails.class)).getEndpoints())
				.containsExactly("http://127.0.0.1:32379");
		}
		else {
			assertThat(details).doesNotContainKey(EtcdConnectionDetails.class);
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Containers {

		@Bean
		@ServiceConnection("etcd")
		NotStarted etcd() {
			return new NotStarted("quay.io/coreos/etcd:v3.5.28");
		}

	}

	@ImportTestcontainers
	static class ByImage {

		@ServiceConnection
		static final NotStarted ETCD = new NotStarted("quay.io/coreos/etcd:v3.5.28");

	}

	@ImportTestcontainers
	static class ByImageOfGoogle {

		@ServiceConnection
		static final NotStarted ETCD = new NotStarted("gcr.io/etcd-development/etcd:v3.6.9");

	}

	@ImportTestcontainers
	static class AnotherImage {

		@ServiceConnection
		static final NotStarted REDIS = new NotStarted("redis:8");

	}

	static class NotStarted extends GenericContainer<NotStarted> {

		private final String image;

		NotStarted(String image) {
			super(image);
			this.image = image;
		}

		@Override
		public String getDockerImageName() {
			return this.image;
		}

		@Override
		public String getHost() {
			return "127.0.0.1";
		}

		@Override
		public Integer getMappedPort(int port) {
			return 30_000 + port;
		}

		@Override
		public void start() {
			// There is no docker here.
		}

		@Override
		public void stop() {
			// Never started.
		}

	}

}
