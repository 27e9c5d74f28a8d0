package io.github.etcdlock.sample;

import java.util.List;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.recipe.DistributedQueue;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The console, the queue and the election over HTTP, compared with etcdctl. */
class ConsoleTests {

	/** For its etcdctl. */
	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@RegisterExtension
	static final OpenShop shop = new OpenShop();

	private final Operator operator = new Operator(etcd, shop);

	@Test
	void everyReaderOfALockIsShownAndCanBeReleased() throws Exception {
		try (LockHandle held = shop.bean(LockTemplate.class).acquire(LockRequest.of("price-list").shared())) {
			String lease = this.operator.read("price-list");
			String before = this.operator.run("lease", "timetolive", lease);
			List<JsonNode> line = lock("price-list");
			assertThat(line).extracting((place) -> place.get("held").asBoolean()).containsExactly(true, true);
			assertThat(line.get(0).get("ownershipKey").asString()).isEqualTo(held.ownershipKeys().get(0));
			assertThat(line.get(0).get("token").asLong()).isEqualTo(held.fencingToken());
			assertThat(line.get(1).get("lease").asString()).isEqualTo(lease.replaceFirst("^0+", ""));
			long left = line.get(1).get("ttlLeft").asLong();
			String after = this.operator.run("lease", "timetolive", lease);
			assertThat(left).isBetween(left(after) - 1, left(before) + 1);
			long token = line.get(1).get("token").asLong();
			shop.page().press("console/release", "{\"key\":\"price-list\",\"token\":%d}".formatted(token));
			assertThat(this.operator.keys("/locks/price-list/")).containsExactly(held.ownershipKeys().get(0));
			assertThat(held.isHeld()).isTrue();
			assertThat(shop.page()
				.post("console/release", "{\"key\":\"price-list\",\"token\":%d}".formatted(token))
				.getStatusCode()
				.value()).as("it is gone").isEqualTo(409);
		}
	}

	@Test
	void sessionsAndQueuesAreThoseOfEtcd() throws Exception {
		DistributedQueue<String> queue = shop.bean(EtcdRecipes.class).queue("letters", String.class);
		queue.offerAll(List.of("a", "b", "c"));
		JsonNode console = shop.page().get("console");
		JsonNode letters = console.get("queues")
			.valueStream()
			.filter((each) -> each.get("name").asString().equals("letters"))
			.findFirst()
			.orElseThrow();
		assertThat(letters.get("depth").asInt()).isEqualTo(this.operator.keys("/locks/.queues/letters/").size());
		assertThat(console.get("cut").asBoolean()).isFalse();
		List<String> leases = this.operator.keys("/locks/.sessions/")
			.stream()
			.map((key) -> key.split("/")[3])
			.distinct()
			.toList();
		assertThat(console.get("sessions").valueStream().map((each) -> each.get("lease").asString()))
			.containsExactlyInAnyOrderElementsOf(leases);
		for (JsonNode session : console.get("sessions").values()) {
			String told = this.operator.run("lease", "timetolive", session.get("lease").asString());
			assertThat(told).contains("TTL(" + session.get("ttl").asLong() + "s)");
			assertThat(session.get("ttlLeft").asLong()).isBetween(0L, session.get("ttl").asLong());
		}
		while (queue.poll().isPresent()) {
			assertThat(queue.size()).isLessThan(3);
		}
	}

	@Test
	void keysOfASessionAreCountedAsEtcdctlCountsThem() throws Exception {
		try (LockHandle held = shop.bean(LockTemplate.class).acquire("counted")) {
			String lease = held.ownershipKeys().get(0).replaceAll(".*/|-.*", "");
			await().atMost(30, TimeUnit.SECONDS).untilAsserted(() -> {
				JsonNode session = shop.page()
					.get("console")
					.get("sessions")
					.valueStream()
					.filter((each) -> each.get("lease").asString().equals(lease))
					.findFirst()
					.orElseThrow();
				String told = this.operator.run("lease", "timetolive", "--keys", lease);
				assertThat(told.replaceAll("(?s).*attached keys\\(\\[|\\].*", "").split(" "))
					.hasSize(session.get("keys").asInt());
			});
		}
	}

	@Test
	void consoleNamesTheMembersAndTheLeader() {
		await().atMost(30, TimeUnit.SECONDS).untilAsserted(() -> {
			String status = this.operator.run("endpoint", "status", "-w", "simple");
			for (JsonNode member : shop.page().get("console").get("members").values()) {
				String told = status.lines()
					.filter((line) -> line.startsWith(member.get("endpoint").asString() + ","))
					.findFirst()
					.orElseThrow();
				assertThat(told.split(", ")[1]).isEqualTo(member.get("id").asString());
				assertThat(told.split(", ")[4]).isEqualTo(String.valueOf(member.get("leader").asBoolean()));
			}
		});
	}

	@Test
	void leadershipIsHandedOverAndBack() {
		// Who is dead stands until its TTL is over, and cannot hand over.
		shop.page().killAll();
		await().atMost(30, TimeUnit.SECONDS).until(() -> this.operator.candidates() == 1);
		shop.page().victim();
		await().atMost(30, TimeUnit.SECONDS).until(() -> !leader().isEmpty() && this.operator.candidates() > 1);
		String before = leader();
		shop.page().press("election/hand-over", "");
		await().atMost(30, TimeUnit.SECONDS)
			.until(() -> !leader().equals(before) && !leader().isEmpty() && this.operator.candidates() > 1);
		shop.page().press("election/hand-over", "");
		await().atMost(30, TimeUnit.SECONDS).until(() -> leader().equals(before));
	}

	@Test
	void killedPackerLosesNothing() {
		String victim = shop.page().victim();
		shop.page().press("orders/kill/" + victim, "{\"number\":60,\"unpackable\":false}");
		await().atMost(30, TimeUnit.SECONDS).until(() -> {
			JsonNode packing = shop.page().get("shop").get("packing");
			return packing.get("packed").asInt() == 60 && packing.get("notes").size() > 0;
		});
		JsonNode packing = shop.page().get("shop").get("packing");
		assertThat(packing.get("again").asInt()).isPositive();
		assertThat(packing.get("notes").get(0).asString()).contains("was killed while it packed");
	}

	private static List<JsonNode> lock(String key) {
		return shop.page()
			.get("console")
			.get("locks")
			.valueStream()
			.filter((lock) -> lock.get("key").asString().equals(key))
			.flatMap((lock) -> lock.get("line").valueStream())
			.toList();
	}

	private static String leader() {
		JsonNode terms = shop.page().get("shop").get("terms");
		return terms.isEmpty() ? "" : terms.get(terms.size() - 1).get("leader").asString();
	}

	private static long left(String told) {
		return Long.parseLong(told.replaceAll("(?s).*remaining\\(|s\\).*", ""));
	}

}
