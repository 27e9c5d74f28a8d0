package io.github.etcdlock.sample;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.test.ChildJvm;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The README's one command, and the one for a second terminal. */
class StartTests {

	private static final String PAGE = "See it, and break it, on ";

	@Test
	void oneCommandShowsTheSaleWithoutAndWithTheLockAndAnotherAddsAnInstance() throws IOException {
		List<String> ports = List.of("--etcd-lock.embedded.port=" + freePort(), "--shop.database-port=" + freePort());
		try (ChildJvm first = start(ports, "--server.port=0", "--shop.stock=5", "--shop.buyers=20")) {
			await().atMost(60, TimeUnit.SECONDS).until(() -> first.output().stream().anyMatch(this::namesThePage));
			assertThat(first.output()).anyMatch((line) -> line.contains("OVERSOLD by"))
				.anyMatch((line) -> line.contains("@DistributedLock: sold 5 of 5 pieces, none too many"))
				.anyMatch((line) -> line.contains("fencing token"));
			PageClient page = new PageClient(first.output()
				.stream()
				.filter(this::namesThePage)
				.map((line) -> line.replaceAll(".*" + PAGE + "| - .*", ""))
				.findFirst()
				.orElseThrow());
			assertThat(names(page)).contains("one", "two");
			try (ChildJvm third = start(ports, "--join=guest", PageClient.SAY_PORT)) {
				await().atMost(30, TimeUnit.SECONDS).until(() -> third.isAlive() && names(page).contains("guest"));
				JsonNode result = page.sell(Mode.LOCK, 5, 20, 5, 3);
				assertThat(result.get("instances").asInt()).isEqualTo(3);
				assertThat(result.get("sold").asInt()).isEqualTo(5);
				JsonNode theirs = PageClient.of(third).sell(Mode.LOCK, 5, 20, 5, 3);
				assertThat(theirs.get("sold").asInt()).as("from another page: " + theirs).isEqualTo(5);
			}
		}
	}

	private static ChildJvm start(List<String> ports, String... arguments) {
		String[] all = new String[ports.size() + arguments.length];
		for (int i = 0; i < all.length; i++) {
			all[i] = (i < ports.size()) ? ports.get(i) : arguments[i - ports.size()];
		}
		return ChildJvm.start(ShopApplication.class, all);
	}

	private boolean namesThePage(String line) {
		return line.contains(PAGE);
	}

	private static List<String> names(PageClient page) {
		return page.get("shop").get("instances").valueStream().map((each) -> each.get("name").asString()).toList();
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

}
