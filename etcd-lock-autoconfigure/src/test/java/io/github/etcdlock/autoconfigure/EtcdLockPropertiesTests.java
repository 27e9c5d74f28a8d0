package io.github.etcdlock.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import com.jayway.jsonpath.DocumentContext;
import com.jayway.jsonpath.JsonPath;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.core.Ordered;

import static org.assertj.core.api.Assertions.assertThat;

class EtcdLockPropertiesTests {

	private static final String METADATA = "/META-INF/spring-configuration-metadata.json";

	/** Every property with its type and its default, as README lists them. */
	private static final Map<String, List<Object>> PROPERTIES = new TreeMap<>(Map.ofEntries(
			Map.entry("etcd-lock.enabled", List.of("java.lang.Boolean", true)),
			Map.entry("etcd-lock.endpoints", List.of("java.util.List<java.lang.String>", "http://localhost:2379")),
			Map.entry("etcd-lock.username", List.of("java.lang.String")),
			Map.entry("etcd-lock.password", List.of("java.lang.String")),
			Map.entry("etcd-lock.ssl.bundle", List.of("java.lang.String")),
			Map.entry("etcd-lock.key-prefix", List.of("java.lang.String", "/locks")),
			Map.entry("etcd-lock.wait-time", List.of("java.time.Duration", "10s")),
			Map.entry("etcd-lock.ttl", List.of("java.time.Duration", "30s")),
			Map.entry("etcd-lock.request-timeout", List.of("java.time.Duration")),
			Map.entry("etcd-lock.connect-timeout", List.of("java.time.Duration", "3s")),
			Map.entry("etcd-lock.shutdown-timeout", List.of("java.time.Duration", "10s")),
			Map.entry("etcd-lock.turn-limit", List.of("java.lang.Integer", 16)),
			Map.entry("etcd-lock.turn-time", List.of("java.time.Duration", "50ms")),
			Map.entry("etcd-lock.fail-fast", List.of("java.lang.Boolean", false)),
			Map.entry("etcd-lock.aop.enabled", List.of("java.lang.Boolean", true)),
			Map.entry("etcd-lock.aop.mode", List.of(EtcdLockProperties.Aop.Mode.class.getName(), "proxy")),
			Map.entry("etcd-lock.aop.order", List.of("java.lang.Integer", Ordered.LOWEST_PRECEDENCE - 100)),
			Map.entry("etcd-lock.aop.bean-references", List.of("java.lang.Boolean", false)),
			Map.entry("etcd-lock.registry.enabled", List.of("java.lang.Boolean", false)),
			Map.entry("etcd-lock.registry.service", List.of("java.lang.String")),
			Map.entry("etcd-lock.registry.instance-id", List.of("java.lang.String")),
			Map.entry("etcd-lock.registry.host", List.of("java.lang.String")),
			Map.entry("etcd-lock.registry.port", List.of("java.lang.Integer")),
			Map.entry("etcd-lock.registry.secure", List.of("java.lang.Boolean")),
			Map.entry("etcd-lock.registry.metadata", List.of("java.util.Map<java.lang.String,java.lang.String>")),
			Map.entry("etcd-lock.fence.table", List.of("java.lang.String", "etcd_lock_fence")),
			Map.entry("management.endpoint.etcdlocks.access",
					List.of("org.springframework.boot.actuate.endpoint.Access", "read_only")),
			Map.entry("management.endpoint.etcdlocks.cache.time-to-live", List.of("java.time.Duration", "0ms")),
			Map.entry("management.health.etcd-lock.enabled", List.of("java.lang.Boolean", true)),
			Map.entry("etcd-lock.embedded.enabled", List.of("java.lang.Boolean", false)),
			Map.entry("etcd-lock.embedded.binary", List.of("java.nio.file.Path")),
			Map.entry("etcd-lock.embedded.port", List.of("java.lang.Integer", 0)),
			Map.entry("etcd-lock.embedded.data-dir", List.of("java.nio.file.Path"))));

	@Test
	void everyPropertyHasItsTypeDefaultAndDescription() {
		List<Map<String, Object>> all = metadata().read("$.properties");
		assertThat(all).extracting((property) -> property.get("name"))
			.containsExactlyInAnyOrderElementsOf(PROPERTIES.keySet());
		assertThat(all).allSatisfy((property) -> {
			List<Object> expected = PROPERTIES.get(property.get("name"));
			assertThat(property.get("type")).isEqualTo(expected.get(0));
			assertThat(property.get("defaultValue")).isEqualTo((expected.size() > 1) ? expected.get(1) : null);
			assertThat((String) property.get("description")).matches("[A-Z][^<{]+\\.");
		});
	}

	@Test
	void hintsAreForPropertiesThatExist() {
		List<String> hinted = metadata().read("$.hints[*].name");
		assertThat(hinted).isNotEmpty().allMatch(PROPERTIES::containsKey);
	}

	@Test
	void everyDurationHasExamplesThatCanBeUsed() {
		PROPERTIES.forEach((name, expected) -> {
			if (name.startsWith("etcd-lock.") && expected.get(0).equals("java.time.Duration")) {
				List<Object> examples = metadata().read("$.hints[?(@.name == '" + name + "')].values[*].value");
				assertThat(examples).as(name)
					.hasSizeGreaterThan(1)
					.allSatisfy((example) -> assertThat((String) example).matches("0|\\d+(ms|s|m)"));
				examples.forEach((example) -> bind(Map.of(name, (String) example)));
			}
		});
	}

	@Test
	void passwordIsNotInTheText() {
		EtcdLockProperties properties = bind(Map.of("etcd-lock.username", "shop", "etcd-lock.password", "s3cret"));
		assertThat(properties.password()).isEqualTo("s3cret");
		assertThat(properties.toString()).contains("username=shop").doesNotContain("s3cret");
	}

	@Test
	void everyOtherComponentIsInTheText() {
		String text = bind(Map.of()).toString();
		for (var component : EtcdLockProperties.class.getRecordComponents()) {
			if (!component.getName().equals("password")) {
				assertThat(text).contains(component.getName() + "=");
			}
		}
	}

	private static EtcdLockProperties bind(Map<String, String> properties) {
		return new Binder(new MapConfigurationPropertySource(properties)).bindOrCreate("etcd-lock",
				EtcdLockProperties.class);
	}

	private static DocumentContext metadata() {
		try (InputStream stream = EtcdLockPropertiesTests.class.getResourceAsStream(METADATA)) {
			return JsonPath.parse(stream);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
