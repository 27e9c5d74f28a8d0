package io.github.etcdlock.sample;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.etcdlock.test.ChildJvm;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Presses the buttons of the page without a browser. */
final class PageClient {

	/** An argument for a shop in a JVM of its own, which {@link #of} needs. */
	static final String SAY_PORT = "--logging.level.org.springframework.boot.tomcat=info";

	private static final Duration PATIENCE = Duration.ofMinutes(1);

	private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

	private final JsonMapper json = JsonMapper.shared();

	private final RestClient http;

	private final String url;

	PageClient(String url) {
		this.url = url;
		this.http = RestClient.builder().baseUrl(url).defaultStatusHandler((status) -> true, (request, response) -> {
		}).build();
	}

	/** Of a shop's own page, once it is there. */
	static PageClient of(ChildJvm shop) {
		return await().atMost(Duration.ofMinutes(1))
			.until(() -> shop.output()
				.stream()
				.map(PORT::matcher)
				.filter(Matcher::find)
				.map((found) -> new PageClient("http://127.0.0.1:" + found.group(1)))
				.findFirst(), Optional::isPresent)
			.orElseThrow();
	}

	String url() {
		return this.url;
	}

	JsonNode get(String path) {
		return this.json.readTree(this.http.get().uri("/api/" + path).retrieve().body(String.class));
	}

	HttpHeaders headers(String path) {
		return this.http.get().uri("/api/" + path).retrieve().toBodilessEntity().getHeaders();
	}

	ResponseEntity<String> post(String path, String body, String... header) {
		RestClient.RequestBodySpec request = this.http.post()
			.uri("/api/" + path)
			.contentType(MediaType.APPLICATION_JSON)
			.body(body);
		for (int i = 0; i < header.length; i += 2) {
			request = request.header(header[i], header[i + 1]);
		}
		return request.retrieve().toEntity(String.class);
	}

	void press(String path, String body) {
		ResponseEntity<String> answer = post(path, body);
		assertThat(answer.getStatusCode().is2xxSuccessful()).as("%s: %s", path, answer.getBody()).isTrue();
	}

	static String order(Mode mode, int stock, int buyers, int work) {
		return order(mode, stock, buyers, work, 2);
	}

	static String order(Mode mode, int stock, int buyers, int work, int instances) {
		return "{\"mode\":\"%s\",\"stock\":%d,\"buyers\":%d,\"instances\":%d,\"work\":%d}".formatted(mode, stock,
				buyers, instances, work);
	}

	/** Runs a sale, and tells how it went. */
	JsonNode sell(Mode mode, int stock, int buyers, int work) {
		return sell(mode, stock, buyers, work, 2);
	}

	JsonNode sell(Mode mode, int stock, int buyers, int work, int instances) {
		return during(() -> press("sales", order(mode, stock, buyers, work, instances)));
	}

	/** Does something that begins a sale, and tells how that went. */
	JsonNode during(Runnable sale) {
		int before = get("shop").get("results").size();
		sale.run();
		return result(before);
	}

	/** Strikes a new sale, and tells how it went. */
	JsonNode strike(Misfortune kind, String instance, Mode mode) {
		JsonNode result = during(() -> press("breaks",
				"{\"kind\":\"%s\",\"instance\":\"%s\",\"sale\":%s}".formatted(kind, instance, order(mode, 5, 24, 10))));
		await().atMost(PATIENCE).until(() -> !get("shop").get("striking").asBoolean());
		return result;
	}

	private JsonNode result(int before) {
		await().atMost(PATIENCE).until(() -> get("shop").get("results").size() > before);
		return get("shop").get("results").get(before);
	}

	/** Kills all instances that can be broken. */
	void killAll() {
		for (JsonNode instance : get("shop").get("instances")) {
			if (isVictim(instance)) {
				press("workers/" + instance.get("name").asString() + "/kill", "");
			}
		}
		await().atMost(PATIENCE).until(() -> victims() == 0);
	}

	/** An instance that can be broken: started by the page, and open. */
	String victim() {
		if (own() == 0) {
			press("workers", "");
		}
		await().atMost(PATIENCE).until(() -> victims() > 0);
		for (JsonNode instance : get("shop").get("instances")) {
			if (isVictim(instance)) {
				return instance.get("name").asString();
			}
		}
		throw new AssertionError("The instance has gone again");
	}

	/** How many the page has started. */
	int own() {
		int own = 0;
		for (JsonNode instance : get("shop").get("instances")) {
			own += instance.get("own").asBoolean() ? 1 : 0;
		}
		return own;
	}

	private int victims() {
		int victims = 0;
		for (JsonNode instance : get("shop").get("instances")) {
			victims += isVictim(instance) ? 1 : 0;
		}
		return victims;
	}

	private static boolean isVictim(JsonNode instance) {
		return instance.get("own").asBoolean() && instance.get("state").asString().equals("RUNNING");
	}

}
