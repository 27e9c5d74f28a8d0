package io.github.etcdlock.sample;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.NoSuchElementException;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.TakesScreenshot;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A headless Chromium with the driver of the same Debian package. */
final class Browser implements AutoCloseable {

	private static final Duration PATIENCE = Duration.ofMinutes(1);

	private final ChromeDriver driver;

	private final String url;

	private Browser(File chromium, File driver, String url) {
		ChromeOptions options = new ChromeOptions();
		options.setBinary(chromium);
		options.addArguments("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
				"--hide-scrollbars", "--force-color-profile=srgb");
		this.driver = new ChromeDriver(new ChromeDriverService.Builder().usingDriverExecutable(driver).build(),
				options);
		this.url = url;
		size(1100, 860);
		dark(false);
	}

	/** Skips the test where there is no Chromium; where CI runs it is an error. */
	static Browser open(String url) {
		Optional<File> chromium = program("chromium", "chromium-browser", "google-chrome");
		Optional<File> driver = program("chromedriver");
		boolean there = chromium.isPresent() && driver.isPresent();
		if (!there && "true".equals(System.getenv("CI"))) {
			throw new AssertionError("There is no chromium and chromedriver on the PATH; .ci/run installs them");
		}
		Assumptions.assumeTrue(there, "no chromium and chromedriver on the PATH: apt-get install chromium-driver");
		return new Browser(chromium.orElseThrow(), driver.orElseThrow(), url);
	}

	private static Optional<File> program(String... names) {
		return Stream.of(System.getenv("PATH").split(File.pathSeparator))
			.flatMap((folder) -> Stream.of(names).map((name) -> new File(folder, name)))
			.filter(File::canExecute)
			.findFirst();
	}

	void go(String view) {
		this.driver.get(this.url + "/#" + view);
		await().atMost(PATIENCE).until(() -> one("#link-state").getText().equals("live"));
	}

	WebElement one(String selector) {
		return this.driver.findElement(By.cssSelector(selector));
	}

	/** The texts of all elements that match now. */
	List<String> texts(String selector) {
		Object texts = script("return [...document.querySelectorAll(arguments[0])].map((each) => each.innerText)",
				selector);
		return ((List<?>) texts).stream().map(String::valueOf).toList();
	}

	String text(String selector) {
		return String.join("\n", texts(selector));
	}

	void awaitText(String selector, String part) {
		await(selector + " says " + part).atMost(PATIENCE)
			.untilAsserted(() -> assertThat(text(selector)).contains(part));
	}

	/** The page may just be replacing it. */
	void click(String selector) {
		await(selector + " can be pressed").atMost(PATIENCE)
			.ignoreExceptionsMatching(
					(ex) -> ex instanceof StaleElementReferenceException || ex instanceof NoSuchElementException)
			.until(() -> pressed(one(selector)));
	}

	private boolean pressed(WebElement element) {
		boolean ready = element.isDisplayed() && element.isEnabled();
		if (ready) {
			script("arguments[0].scrollIntoView({block: 'center'})", element);
			element.click();
		}
		return ready;
	}

	void type(String selector, int number) {
		WebElement input = one(selector);
		input.clear();
		input.sendKeys(String.valueOf(number));
	}

	Object script(String text, Object... arguments) {
		return this.driver.executeScript(text, arguments);
	}

	void size(int width, int height) {
		this.driver.manage().window().setSize(new Dimension(width, height));
		this.driver.executeCdpCommand("Emulation.setDeviceMetricsOverride",
				Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
	}

	/** Without motion, so that no picture is taken half way. */
	void dark(boolean dark) {
		this.driver.executeCdpCommand("Emulation.setEmulatedMedia",
				Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"),
						Map.of("name", "prefers-reduced-motion", "value", "reduce"))));
	}

	/** The element that has the focus, by its id. */
	String focused() {
		return String.valueOf(script("return document.activeElement.id"));
	}

	int count(String selector) {
		return texts(selector).size();
	}

	/** Presses a key on what has the focus. */
	void key(Keys key) {
		this.driver.switchTo().activeElement().sendKeys(key);
	}

	/** Kept in target/screenshots. */
	void screenshot(String name) {
		script("scrollTo(0, 0)");
		keep(name, this.driver);
	}

	/** A part of the page, kept beside the screenshots. */
	void picture(String selector, String name) {
		keep(name, one(selector));
	}

	private static void keep(String name, TakesScreenshot what) {
		Path file = Path.of("target", "screenshots", name + ".png");
		try {
			Files.createDirectories(file.getParent());
			Files.write(file, what.getScreenshotAs(OutputType.BYTES));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** What went wrong on the page itself: that etcd was slow, it tells. */
	List<String> errors() {
		return this.driver.manage()
			.logs()
			.get("browser")
			.getAll()
			.stream()
			.map((entry) -> entry.getMessage())
			.filter((message) -> !message.contains("409") && !message.contains("status of 503"))
			.toList();
	}

	@Override
	public void close() {
		this.driver.quit();
	}

}
