package io.github.etcdlock.sample;

import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

import org.springframework.http.ResponseEntity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Sales over HTTP, with an instance in a JVM of its own that is broken in every way. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SaleTests {

	@RegisterExtension
	static final OpenShop shop = new OpenShop();

	@Order(1)
	@ParameterizedTest
	@EnumSource(Mode.class)
	void everyModeButNoneSellsWhatThereIs(Mode mode) {
		JsonNode result = shop.page().sell(mode, 5, 24, 20);
		assertThat(result.get("instances").asInt()).isEqualTo(2);
		assertThat(result.get("unserved").asInt()).isZero();
		if (mode == Mode.NONE) {
			assertThat(result.get("oversold").asInt()).isPositive();
		}
		else {
			assertThat(result.get("sold").asInt()).isEqualTo(5);
		}
	}

	@Test
	@Order(2)
	void naiveLockOversellsWhenAnInstancePausesAndTellsNobody() {
		JsonNode result = shop.page().strike(Misfortune.PAUSE, shop.page().victim(), Mode.NAIVE);
		assertThat(result.get("oversold").asInt()).isPositive();
		assertThat(result.get("lost").asInt()).isZero();
		assertThat(notes()).contains("paused");
	}

	@Test
	@Order(3)
	void lockTellsTheOneThatPausedThatItIsLost() {
		JsonNode result = shop.page().strike(Misfortune.PAUSE, shop.page().victim(), Mode.LOCK);
		assertThat(result.get("lost").asInt()).isEqualTo(1);
		assertThat(notesText()).contains("LockLostException");
	}

	@Test
	@Order(4)
	void fenceKeepsOutTheOneThatPaused() {
		JsonNode result = shop.page().strike(Misfortune.PAUSE, shop.page().victim(), Mode.FENCE);
		assertThat(result.get("oversold").asInt()).isZero();
		assertThat(result.get("sold").asInt()).isEqualTo(5);
		assertThat(result.get("lost").asInt()).isEqualTo(1);
		assertThat(notesText()).contains("the fence refuses its old token");
	}

	@Test
	@Order(5)
	void frozenLinkIsALossThatTheFenceKeepsHarmless() {
		JsonNode result = shop.page().strike(Misfortune.FREEZE, shop.page().victim(), Mode.FENCE);
		assertThat(result.get("oversold").asInt()).isZero();
		assertThat(result.get("sold").asInt()).isEqualTo(5);
		assertThat(notes()).contains("link frozen");
	}

	@Test
	@Order(6)
	void deathOfTheLeaderOfEtcdLosesNothing() {
		JsonNode result = shop.page().strike(Misfortune.KILL_LEADER, "", Mode.LOCK);
		// Buyers may be turned away: an election can take longer than a request may.
		assertThat(result.get("oversold").asInt()).isZero();
		assertThat(result.get("lost").asInt()).isZero();
		assertThat(lastNote()).contains("new leader");
		assertThat(shop.page().sell(Mode.LOCK, 5, 24, 10).get("sold").asInt()).isEqualTo(5);
	}

	@Test
	@Order(7)
	void saleGoesOnWithoutTheInstanceThatWasKilled() {
		String victim = shop.page().victim();
		JsonNode result = shop.page().strike(Misfortune.KILL, victim, Mode.LOCK);
		assertThat(result.get("sold").asInt()).isEqualTo(5);
		assertThat(result.get("unserved").asInt()).isPositive();
		assertThat(notes()).contains("killed");
		assertThat(shop.page().get("shop").get("instances").toString()).doesNotContain("\"" + victim + "\"");
		shop.page().press("workers", "");
	}

	@Test
	@Order(8)
	void deathByAnotherHandIsSeenAndWhatItWasDoingEndsThere() {
		String victim = shop.page().victim();
		// Its first buyers come late, and are not to find everything sold.
		shop.page().sell(Mode.LOCK, 5, 10, 0);
		JsonNode result = shop.page().during(() -> {
			shop.page().press("sales", PageClient.order(Mode.LOCK, 10, 24, 200));
			await().atMost(30, TimeUnit.SECONDS).until(() -> visits(victim, "held") > 0);
			shop.page().press("workers/" + victim + "/kill", "");
		});
		assertThat(result.get("broken").valueStream().map(JsonNode::asString)).containsExactly("killed");
		assertThat(result.get("unserved").asInt()).isPositive();
		assertThat(result.get("sold").asInt()).isEqualTo(10);
		assertThat(visits(victim, "outcome")).as("nobody is left at the dead instance")
			.isEqualTo(visits(victim, "came"));
		assertThat(notesText()).contains("Instance " + victim + " dies without a word");
		shop.page().press("workers", "");
	}

	@Test
	@Order(9)
	void whoIsAloneCannotBeReplacedAndThePageSaysSo() {
		String victim = shop.page().victim();
		JsonNode result = shop.page()
			.during(() -> shop.page()
				.press("breaks", "{\"kind\":\"PAUSE\",\"instance\":\"%s\",\"sale\":%s}".formatted(victim,
						PageClient.order(Mode.LOCK, 5, 6, 10, 1))));
		assertThat(result.get("instances").asInt()).isEqualTo(1);
		assertThat(notesText()).contains("No other instance takes part");
	}

	@Test
	void onlyOneSaleAtATimeAndNoneThatMakesNoSense() {
		Traps traps = shop.bean(Traps.class);
		JsonNode result = shop.page().during(() -> {
			traps.arm(Traps.Spot.SALE);
			shop.page().press("sales", PageClient.order(Mode.LOCK, 5, 10, 100));
			ResponseEntity<String> second = shop.page().post("sales", PageClient.order(Mode.LOCK, 5, 10, 100));
			traps.release(Traps.Spot.SALE);
			assertThat(second.getStatusCode().value()).isEqualTo(409);
			assertThat(second.getBody()).contains("A sale is running");
		});
		assertThat(result.get("sold").asInt()).isEqualTo(5);
		assertThat(shop.page().post("sales", PageClient.order(Mode.LOCK, 0, 10, 10)).getBody())
			.contains("The stock must be from 1 to 500, but is 0");
		assertThat(shop.page().post("sales", "no sale").getBody()).contains("The request cannot be read");
		assertThat(shop.page().post("sales", PageClient.order(Mode.LOCK, 0, 10, 10)).getStatusCode().value())
			.isEqualTo(400);
		assertThat(shop.page()
			.post("breaks",
					"{\"kind\":\"KILL\",\"instance\":\"one\",\"sale\":%s}"
						.formatted(PageClient.order(Mode.LOCK, 1, 1, 0)))
			.getStatusCode()
			.value()).as("the page kills only what it has started").isEqualTo(400);
	}

	@Test
	void otherSitesCannotPressTheButtons() {
		assertThat(shop.page().headers("shop").getFirst("Content-Security-Policy")).contains("default-src 'self'");
		for (List<String> header : List.of(List.of("Origin", "http://elsewhere.example"), List.of("Origin", "null"),
				List.of("Sec-Fetch-Site", "cross-site"), List.of("Sec-Fetch-Site", "same-site"))) {
			assertThat(shop.page().post("workers", "", header.toArray(String[]::new)).getStatusCode().value())
				.as("%s", header)
				.isEqualTo(403);
		}
	}

	/** How many visits at an instance have come so far as to have this. */
	private static long visits(String instance, String what) {
		return shop.page()
			.get("sale")
			.get("visits")
			.valueStream()
			.filter((visit) -> visit.get("instance").asString().equals(instance) && !visit.get(what).isNull())
			.count();
	}

	private static List<String> notes() {
		return shop.page().get("sale").get("notes").valueStream().map((note) -> note.get("kind").asString()).toList();
	}

	private static String notesText() {
		return String.join("\n",
				shop.page().get("sale").get("notes").valueStream().map((note) -> note.get("text").asString()).toList());
	}

	private static String lastNote() {
		JsonNode notes = shop.page().get("sale").get("notes");
		return notes.get(notes.size() - 1).get("text").asString();
	}

}
