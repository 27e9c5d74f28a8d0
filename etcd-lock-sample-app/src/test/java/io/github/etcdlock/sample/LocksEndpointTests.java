package io.github.etcdlock.sample;

import java.sql.SQLException;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The actuator endpoint of locks as operators ask it, over HTTP. */
class LocksEndpointTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private static ConfigurableApplicationContext shop;

	private static RestClient http;

	@BeforeAll
	static void open() throws SQLException {
		shop = ShopApplication.open("--server.port=0", "--shop.database-port=0", "--etcd-lock.ttl=30s",
				"--etcd-lock.endpoints=" + etcd.endpoint(), "--etcd-lock.key-prefix=" + etcd.freshPrefix());
		http = RestClient.builder()
			.baseUrl("http://127.0.0.1:" + shop.getEnvironment().getProperty("local.server.port")
					+ "/actuator/etcdlocks")
			.defaultStatusHandler((status) -> true, (request, response) -> {
			})
			.build();
	}

	@AfterAll
	static void close() {
		shop.close();
	}

	@Test
	void locksAreShownInTheWholeClusterAndInThisInstance() throws InterruptedException {
		try (LockHandle lock = shop.getBean(LockTemplate.class).acquire("a/report")) {
			JsonNode place = json(get("?key=a/report")).at("/locks/0/line/0");
			assertThat(place.get("token").asLong()).isEqualTo(lock.fencingToken());
			assertThat(place.get("thread").asString()).isEqualTo(Thread.currentThread().getName());
			assertThat(place.at("/owner/application").asString()).isEqualTo("shop");
			assertThat(get("").getBody()).contains("\"a/report\"");
			assertThat(get("/instance").getBody()).contains("\"a/report\"");
			assertThat(json(get("/waits")).get("complete").asBoolean()).isTrue();
		}
		assertThat(get("/nonsense").getStatusCode()).isEqualTo(HttpStatusCode.valueOf(404));
		assertThat(get("?key={key}", " ").getStatusCode()).isEqualTo(HttpStatusCode.valueOf(400));
		assertThat(get("?limit=0").getStatusCode()).isEqualTo(HttpStatusCode.valueOf(400));
	}

	@Test
	void onlyTheHolderThatIsNamedIsAskedOrReleased() throws InterruptedException {
		LockHandle lock = shop.getBean(LockTemplate.class).acquire("b/report");
		assertEnds(lock.fencingToken() - 4096, true, 409, "CONFLICT");
		assertThat(lock.isHeld()).isTrue();
		assertEnds(lock.fencingToken(), false, 200, "ASKED");
		assertThat(lock.isHeld()).isTrue();
		assertEnds(lock.fencingToken(), true, 200, "RELEASED");
		await().until(() -> !lock.isHeld());
	}

	private static void assertEnds(long token, boolean force, int status, String outcome) {
		ResponseEntity<String> answer = http.post()
			.contentType(MediaType.APPLICATION_JSON)
			.body("{\"key\":\"b/report\",\"token\":%d,\"force\":%s}".formatted(token, force))
			.retrieve()
			.toEntity(String.class);
		assertThat(answer.getStatusCode()).isEqualTo(HttpStatusCode.valueOf(status));
		assertThat(json(answer).get("outcome").asString()).isEqualTo(outcome);
	}

	private static ResponseEntity<String> get(String path, Object... variables) {
		return http.get().uri(path, variables).retrieve().toEntity(String.class);
	}

	private static JsonNode json(ResponseEntity<String> answer) {
		return JsonMapper.shared().readTree(answer.getBody());
	}

}
