package io.github.etcdlock.sample;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.Keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The page, as somebody sees it who presses every button of it. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PageTests {

	private static final List<String> VIEWS = List.of("sale", "console", "queue", "election");

	/** For its etcdctl. */
	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@RegisterExtension
	static final OpenShop shop = new OpenShop();

	private static final Operator operator = new Operator(etcd, shop);

	private static Browser browser;

	@BeforeAll
	static void openBrowser() {
		browser = Browser.open(shop.page().url());
	}

	@AfterAll
	static void closeBrowser() {
		if (browser != null) {
			browser.close();
		}
	}

	@AfterEach
	void noScriptFailed() {
		assertThat(browser.errors()).isEmpty();
	}

	private static void choose(Mode mode, int stock, int buyers) {
		browser.go("sale");
		browser.click("input[name=mode][value=" + mode + "]");
		browser.type("input[name=stock]", stock);
		browser.type("input[name=buyers]", buyers);
	}

	/** Does what begins a sale, and waits until its row is there. */
	private static void during(Runnable sale) {
		int before = browser.count("#results tr[data-mode]");
		sale.run();
		await().atMost(60, TimeUnit.SECONDS).until(() -> browser.count("#results tr[data-mode]") > before);
	}

	private static int oversold() {
		return Integer.parseInt(browser.one("#results tr").getAttribute("data-oversold"));
	}

	@ParameterizedTest
	@EnumSource(Mode.class)
	@Order(1)
	void saleRunsAndThePageTellsHowItWent(Mode mode) {
		choose(mode, 10, 40);
		during(() -> browser.click("#run"));
		assertThat(browser.one("#results tr").getAttribute("data-mode")).isEqualTo(mode.name());
		browser.awaitText("#oversold", String.valueOf(oversold()));
		browser.awaitText("#sold-of", "of 10");
		if (mode == Mode.NONE) {
			assertThat(oversold()).isPositive();
			browser.awaitText("#sale-state", "oversold by " + oversold());
			assertThat(browser.count("#timeline .clash")).isPositive();
		}
		else {
			assertThat(oversold()).isZero();
			browser.awaitText("#sale-state", "none too many");
			assertThat(browser.count("#timeline .clash")).isZero();
		}
		await().untilAsserted(() -> assertThat(browser.one("#timeline").getAttribute("aria-label"))
			.contains("40 buyers came, 40 were served"));
		assertThat(browser.count("#timeline .wait")).isEqualTo(40);
		assertThat(browser.count("#timeline .held")).isEqualTo(40);
		assertThat(browser.count("#timeline .lost, #timeline .failed")).isZero();
		browser.click("#holders-details summary");
		await().until(() -> browser.count("#holders li") == 40);
		browser.click("#holders-details summary");
		browser.screenshot("sale-" + mode.name().toLowerCase(Locale.ROOT));
	}

	@Test
	@Order(1)
	void timelineGrowsWhileTheSaleRunsAndAlwaysFillsItsPlace() {
		Traps traps = shop.bean(Traps.class);
		choose(Mode.LOCK, 40, 40);
		browser.type("input[name=work]", 150);
		during(() -> {
			browser.click("#run");
			await().atMost(30, TimeUnit.SECONDS).until(() -> isRunning() && browser.count("#timeline .held") > 1);
			int held = browser.count("#timeline .held");
			await().atMost(30, TimeUnit.SECONDS).until(() -> browser.count("#timeline .held") > held + 2);
			assertThat(isRunning()).isTrue();
			traps.arm(Traps.Spot.SALE);
			browser.go("console");
			browser.awaitText("#locks", "waiting: ");
			traps.release(Traps.Spot.SALE);
			browser.go("sale");
			awaitFull();
		});
		browser.size(700, 860);
		awaitFull();
		browser.size(1100, 860);
		awaitFull();
	}

	private static boolean isRunning() {
		return "true".equals(browser.one("#view-sale").getAttribute("data-running"));
	}

	private static void awaitFull() {
		await().untilAsserted(() -> assertThat(browser.script("""
				const box = document.getElementById('timeline');
				return box.clientWidth > 0 && box.clientWidth === Number(box.firstChild.getAttribute('width'));"""))
			.isEqualTo(true));
	}

	@Test
	@Order(1)
	void nothingComesFromElsewhere() {
		browser.go("sale");
		assertThat((List<?>) browser.script("""
				return performance.getEntriesByType('resource').map((each) => each.name)
				  .filter((name) => !name.startsWith(location.origin))""")).isEmpty();
	}

	@ParameterizedTest
	@Order(2)
	@CsvSource({ "PAUSE, NAIVE, goes on as if nothing had happened", "FREEZE, FENCE, the fence refuses its old token",
			"KILL_LEADER, LOCK, etcd has a new leader", "KILL, LOCK, etcd has given the lock" })
	void everyMisfortuneIsExplained(Misfortune misfortune, Mode mode, String explanation) {
		shop.page().victim();
		choose(mode, 12, 36);
		browser.type("input[name=work]", 40);
		during(() -> {
			browser.click("#breaks button[data-kind=" + misfortune + "]");
			browser.awaitText("#notes", explanation);
		});
		await().atMost(30, TimeUnit.SECONDS).until(() -> !shop.page().get("shop").get("striking").asBoolean());
		browser.awaitText("#results tr:first-child td:nth-child(2)", misfortune.label());
		assertThat(oversold() > 0).isEqualTo(mode == Mode.NAIVE);
		await().untilAsserted(() -> {
			assertThat(browser.count("#timeline .mark-dot")).isEqualTo(browser.count("#notes li"));
			assertThat(browser.count("#timeline .lost") > 0).isEqualTo(misfortune != Misfortune.KILL_LEADER);
		});
		browser.size(1100, 1000);
		for (boolean dark : List.of(true, false)) {
			browser.dark(dark);
			browser.screenshot("break-" + misfortune.name().toLowerCase(Locale.ROOT) + (dark ? "-dark" : ""));
		}
		browser.size(1100, 860);
		if (misfortune == Misfortune.KILL) {
			browser.click("[data-start=instances-message]");
			awaitOwn();
		}
	}

	@Test
	@Order(3)
	void tourShowsANewcomerWhatToSee() {
		shop.page().victim();
		choose(Mode.LOCK, 12, 24);
		during(() -> browser.click("#tour button[data-mode=NONE]"));
		assertThat(oversold()).isPositive();
		during(() -> browser.click("#tour button[data-mode=FENCE]"));
		browser.awaitText("#notes", "the fence refuses its old token");
		assertThat(oversold()).isZero();
		browser.picture("#results-card", "results");
	}

	@Test
	@Order(3)
	void orderWithoutAnAddressIsADeadLetter() {
		browser.go("queue");
		browser.click("input[name=unpackable]");
		browser.click("#queue-form button.primary");
		browser.awaitText("#queue-state", "all packed");
		browser.go("console");
		browser.awaitText("#queues tr[data-queue=orders] td:last-child", "1");
	}

	@Test
	@Order(4)
	void consoleShowsWhatEtcdctlShows() throws Exception {
		shop.page().victim();
		LockTemplate locks = shop.bean(LockTemplate.class);
		Traps traps = shop.bean(Traps.class);
		Process waiter = null;
		String reader = "";
		try (LockHandle held = locks.acquire("invoice:4711");
				LockHandle shared = locks.acquire(LockRequest.of("price-list").shared())) {
			waiter = operator.command("lock", "/locks/invoice:4711").start();
			reader = operator.read("price-list");
			browser.go("console");
			browser.awaitText("#locks tr[data-lock='invoice:4711']", String.valueOf(held.fencingToken()));
			browser.awaitText("#locks tr[data-lock='invoice:4711']", "1 waiting: other client");
			await().atMost(30, TimeUnit.SECONDS).until(() -> browser.count("#locks tr[data-lock=price-list]") == 2);
			assertThat(shared.isHeld()).isTrue();
			assertThat(operator.run("get", held.ownershipKeys().get(0), "-w", "fields"))
				.contains("\"CreateRevision\" : " + held.revision());
			assertThat(held.fencingToken() / 4096).isEqualTo(held.revision());
			String lease = held.ownershipKeys().get(0).replaceAll(".*/|-.*", "");
			assertThat(operator.run("lease", "list")).contains(lease);
			browser.awaitText("#sessions", lease);
			assertThat(operator.run("get", "--prefix", "/locks/.services/", "--print-value-only"))
				.contains(shop.page().url());
			browser.awaitText("#services", shop.page().url());
			String leader = operator.run("endpoint", "status", "-w", "simple")
				.lines()
				.filter((line) -> line.split(", ")[4].equals("true"))
				.findFirst()
				.orElseThrow()
				.split(", ")[0];
			browser.awaitText("#members tr[data-leader=true]", leader);
			traps.arm(Traps.Spot.SALE);
			shop.page().press("sales", PageClient.order(Mode.LOCK, 8, 8, 300));
			browser.awaitText("#locks tr[data-lock^=sale]", "1 waiting: ");
			browser.screenshot("console");
		}
		finally {
			traps.release(Traps.Spot.SALE);
			if (waiter != null) {
				waiter.destroy();
			}
			if (!reader.isEmpty()) {
				operator.run("lease", "revoke", reader);
			}
		}
		browser.go("sale");
		await().atMost(30, TimeUnit.SECONDS).until(() -> !isRunning());
	}

	@Test
	@Order(5)
	void lockIsReleasedByForceFromTheKeyboard() throws Exception {
		try (LockHandle held = shop.bean(LockTemplate.class).acquire("<b>audit</b>")) {
			browser.go("console");
			browser.awaitText("#locks", "<b>audit</b>");
			String id = browser.one("#locks tr[data-lock^='<b>'] button").getAttribute("id");
			browser.script("window.kept = document.getElementById(arguments[0]); window.kept.focus()", id);
			awaitLooks(3);
			assertThat(browser.script("return window.kept.isConnected")).as("it is not replaced").isEqualTo(true);
			browser.key(Keys.ENTER);
			browser.awaitText("#confirm-title", "Release <b>audit</b> by force?");
			browser.key(Keys.ESCAPE);
			await().until(() -> browser.focused().equals(id));
			assertThat(held.isHeld()).isTrue();
			browser.key(Keys.ENTER);
			browser.awaitText("#confirm-title", "Release <b>audit</b> by force?");
			browser.key(Keys.TAB);
			browser.key(Keys.ENTER);
			await().atMost(30, TimeUnit.SECONDS).until(() -> !held.isHeld());
			browser.awaitText("#locks", "Nobody holds a lock");
			await().untilAsserted(
					() -> assertThat(browser.script("return document.activeElement.closest('.scroll') !== null"))
						.isEqualTo(true));
		}
	}

	/** So often the console has asked again. */
	private static void awaitLooks(int more) {
		String looks = "return performance.getEntriesByName(location.origin + '/api/console').length";
		browser.script("performance.clearResourceTimings()");
		await().atMost(20, TimeUnit.SECONDS).until(() -> (Long) browser.script(looks) >= more);
	}

	@Test
	@Order(6)
	void killedPackerLosesNothing() {
		String victim = shop.page().victim();
		browser.go("queue");
		browser.awaitText("#packer", victim);
		browser.click("#kill-packer");
		browser.awaitText("#queue-notes", "was killed while it packed");
		browser.awaitText("#queue-state", "all packed, nothing lost");
		assertThat(Integer.parseInt(browser.text("#again"))).isPositive();
		assertThat(browser.text("#missing")).isEqualTo("0");
		browser.screenshot("queue");
	}

	@Test
	@Order(6)
	void leadershipIsHandedOverAndPassesOnWhenTheForemanIsKilled() {
		shop.page().killAll();
		await().atMost(30, TimeUnit.SECONDS).until(() -> operator.candidates() == 1);
		browser.go("queue");
		browser.click("#start-packer");
		awaitOwn();
		String victim = shop.page().victim();
		await().atMost(30, TimeUnit.SECONDS).until(() -> operator.candidates() > 1);
		browser.go("election");
		browser.awaitText("#leader", "one");
		browser.click("#hand-over");
		browser.awaitText("#leader", victim);
		browser.awaitText("#terms", victim + " leads");
		browser.screenshot("election");
		browser.click("#kill-foreman");
		browser.awaitText("#leader", "one");
	}

	/** A press of a button only begins to start an instance. */
	private static void awaitOwn() {
		await().atMost(30, TimeUnit.SECONDS).until(() -> shop.page().own() > 0);
	}

	@Test
	@Order(6)
	void instanceIsKilledInItsRow() {
		String victim = shop.page().victim();
		browser.go("sale");
		browser.click("#kill-" + victim);
		await().atMost(30, TimeUnit.SECONDS)
			.until(() -> browser.count("#instances tr[data-instance=" + victim + "]") == 0);
	}

	@ParameterizedTest
	@Order(7)
	@ValueSource(booleans = { false, true })
	void everyViewFitsAPhoneAndCanBeRead(boolean dark) {
		browser.dark(dark);
		browser.size(360, 740);
		List<String> tooWide = new ArrayList<>();
		for (String view : VIEWS) {
			browser.go(view);
			if ((Long) browser.script("return document.documentElement.scrollWidth") > 360) {
				tooWide.add(view);
			}
			browser.screenshot("phone-" + view + (dark ? "-dark" : ""));
		}
		assertThat(tooWide).isEmpty();
		assertThat((List<?>) browser.script(CONTRASTS)).as("contrasts below 4.5, and 3 for bars").isEmpty();
		browser.size(1100, 860);
		browser.dark(false);
	}

	@Test
	@Order(8)
	void saleCanBeRunAndBrokenWithoutAMouse() {
		shop.page().victim();
		choose(Mode.NONE, 5, 10);
		browser.type("input[name=instances]", 1);
		browser.one("input[name=mode]:checked").sendKeys(Keys.ARROW_DOWN, Keys.ARROW_DOWN);
		assertThat(browser.one("input[name=mode]:checked").getAttribute("value")).isEqualTo("LOCK");
		during(() -> browser.one("input[name=work]").sendKeys(Keys.ENTER));
		browser.type("input[name=instances]", 2);
		during(() -> browser.one("#breaks button[data-kind=PAUSE]").sendKeys(Keys.ENTER));
		browser.awaitText("#notes", "LockLostException");
		assertThat((List<?>) browser.script("""
				return [...document.querySelectorAll('button, input, select')]
				  .filter((each) => !each.labels?.length && !each.innerText.trim() && !each.ariaLabel)
				  .map((each) => each.outerHTML)""")).as("controls without a name").isEmpty();
	}

	private static final String CONTRASTS = """
			const style = getComputedStyle(document.documentElement);
			const light = (name) => {
			  const [r, g, b] = style.getPropertyValue(name).match(/[0-9a-f]{2}/g).map((hex) => parseInt(hex, 16) / 255)
			    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
			  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
			};
			return [['--ink', '--ground'], ['--quiet', '--ground'], ['--quiet', '--surface'], ['--accent-ink', '--accent'],
			  ['--accent', '--accent-soft'], ['--quiet', '--accent-soft'], ['--bad', '--surface'], ['--bad', '--bad-soft'],
			  ['--good', '--surface'], ['--surface', '--bad'], ['--ink', '--sunken'],
			  ...[1, 2, 3, 4, 5].map((number) => [`--series-${number}`, '--surface', 3]),
			  ['--strong-line', '--surface', 3]].filter(([text, ground, least = 4.5]) => {
			  const [high, low] = [light(text), light(ground)].sort((one, other) => other - one);
			  return (high + 0.05) / (low + 0.05) < least;
			}).map((pair) => pair.join(' on '));
			""";

}
