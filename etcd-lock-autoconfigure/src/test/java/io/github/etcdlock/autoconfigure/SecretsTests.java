package io.github.etcdlock.autoconfigure;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.actuate.context.properties.ConfigurationPropertiesReportEndpoint;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.env.EnvironmentEndpoint;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.StandardEnvironment;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.actuate.EtcdLocksEndpoint;
import io.github.etcdlock.health.EtcdLockHealthIndicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** Nothing that is written anywhere shows a secret, whatever is logged. */
class SecretsTests {

	private static final String PASSWORD = "s3cret-of-the-shop";

	private static final String WRONG = "wr0ng-guess";

	/** As etcd makes them. */
	private static final Pattern TOKEN = Pattern.compile("\\b[A-Za-z]{16}\\.\\d+\\b");

	@TempDir
	private static Path folder;

	private static SecuredEtcd etcd;

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, EtcdLockAutoConfiguration.class,
				EtcdLockActuatorAutoConfiguration.class, EtcdLockHealthAutoConfiguration.class,
				EtcdLocksEndpointAutoConfiguration.class))
		.withUserConfiguration(Properties.class)
		.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint(), "etcd-lock.fail-fast=true",
				"etcd-lock.request-timeout=10s", "etcd-lock.username=shop", "etcd-lock.ssl.bundle=etcd",
				"management.endpoints.web.exposure.include=*",
				"spring.ssl.bundle.jks.etcd.truststore.location=file:" + folder.resolve("server.p12"),
				"spring.ssl.bundle.jks.etcd.truststore.password=" + Certificate.PASSWORD);

	@BeforeAll
	static void startEtcd() throws Exception {
		etcd = new SecuredEtcd(Certificate.make(folder, "server", "ip:127.0.0.1"), null);
		etcd.enableAuth("shop", PASSWORD, "/locks/");
	}

	@AfterAll
	static void stopEtcd() {
		etcd.close();
	}

	@Test
	void neitherLogsNorTextsNorTheActuatorShowASecret() {
		try (CapturedLogs logs = new CapturedLogs()) {
			frames().setLevel(Level.toLevel(defaultLevelOfFrames()));
			this.runner.withPropertyValues("etcd-lock.password=" + PASSWORD).run((context) -> {
				use(context);
				assertHidden(texts(context));
				assertHidden(actuator(context));
			});
			String startUp = failedStart();
			assertHidden(startUp);
			assertThat(startUp).contains("refuses the password of its user shop");
			assertHidden(logs.text());
			assertThat(logs.text()).contains("[Channel<").contains("io.netty.");
		}
		finally {
			frames().setLevel(null);
		}
	}

	@Test
	void framesWouldShowThemAll() {
		try (CapturedLogs logs = new CapturedLogs()) {
			this.runner.withPropertyValues("etcd-lock.password=" + PASSWORD).run(SecretsTests::use);
			assertThat(logs.text()).containsPattern(TOKEN).contains(hex(PASSWORD));
		}
	}

	@Test
	void framesAreLoggedOnlyIfTheirLoggerIsNamed() {
		SpringApplication application = new SpringApplication(Application.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		LoggingSystem logging = LoggingSystem.get(getClass().getClassLoader());
		try {
			application.run("--etcd-lock.enabled=false", "--logging.level.io.grpc=trace").close();
			assertThat(LoggerFactory.getLogger("io.grpc.netty.NettyServerHandler").isTraceEnabled()).isTrue();
			assertThat(frames().isDebugEnabled()).isFalse();
			application.run("--etcd-lock.enabled=false", "--logging.level.io.grpc.netty.NettyClientHandler=debug")
				.close();
			assertThat(frames().isDebugEnabled()).isTrue();
		}
		finally {
			logging.setLogLevel("io.grpc", null);
			logging.setLogLevel(SecretFreeLogging.FRAMES, null);
		}
	}

	private static String defaultLevelOfFrames() {
		StandardEnvironment environment = new StandardEnvironment();
		new SecretFreeLogging().postProcessEnvironment(environment, new SpringApplication());
		return environment.getRequiredProperty("logging.level." + SecretFreeLogging.FRAMES);
	}

	private static Logger frames() {
		return (Logger) LoggerFactory.getLogger(SecretFreeLogging.FRAMES);
	}

	private static void use(ApplicationContext context) throws Exception {
		LockTemplate locks = context.getBean(LockTemplate.class);
		locks.executeWithoutResult("k", LockHandle::isHeld);
		etcd.forgetTokens("shop", PASSWORD);
		locks.executeWithoutResult("k", LockHandle::isHeld);
		ByteSequence key = ByteSequence.from("/locks/k", StandardCharsets.UTF_8);
		context.getBean(Client.class).getKVClient().get(key).get(30, TimeUnit.SECONDS);
		etcd.forgetTokens("shop", WRONG);
		try {
			LockUnavailableException failure = catchThrowableOfType(LockUnavailableException.class,
					() -> locks.acquire("k"));
			assertHidden(stackTrace(failure));
			assertThat(failure).hasMessageContaining("authentication failed");
		}
		finally {
			etcd.forgetTokens("shop", PASSWORD);
		}
	}

	private static String texts(ApplicationContext context) {
		StringBuilder texts = new StringBuilder();
		for (String name : context.getBeanDefinitionNames()) {
			texts.append(name).append(" = ").append(context.getBean(name)).append('\n');
		}
		return texts.toString();
	}

	/** As an operator sees it who has opened everything to himself. */
	private static String actuator(ApplicationContext context) {
		List<SanitizingFunction> functions = context.getBeanProvider(SanitizingFunction.class).stream().toList();
		var properties = new ConfigurationPropertiesReportEndpoint(functions, Show.ALWAYS);
		properties.setApplicationContext(context);
		var environment = new EnvironmentEndpoint(context.getEnvironment(), functions, Show.ALWAYS);
		JsonMapper json = JsonMapper.shared();
		String shown = json.writeValueAsString(properties.configurationPropertiesWithPrefix("etcd-lock"))
				+ json.writeValueAsString(environment.environment("etcd-lock"))
				+ json.writeValueAsString(environment.environmentEntry("etcd-lock.password"))
				+ json.writeValueAsString(context.getBean(EtcdLockHealthIndicator.class).health())
				+ json.writeValueAsString(context.getBean(EtcdLocksEndpoint.class).locks(null, null, null));
		assertThat(shown).contains("\"keyPrefix\":\"/locks\"", "******", "\"members\"", "\"locks\"");
		return shown;
	}

	private String failedStart() {
		StringBuilder text = new StringBuilder();
		this.runner.withPropertyValues("etcd-lock.password=" + WRONG).run((context) -> {
			Throwable failure = context.getStartupFailure();
			FailureAnalysis analysis = new EtcdUnusableFailureAnalyzer().analyze(failure);
			text.append(stackTrace(failure)).append(analysis.getDescription()).append(analysis.getAction());
		});
		return text.toString();
	}

	private static String stackTrace(Throwable failure) {
		StringWriter text = new StringWriter();
		failure.printStackTrace(new PrintWriter(text));
		return text.toString();
	}

	private static void assertHidden(String text) {
		assertThat(text).isNotBlank();
		for (String secret : List.of(PASSWORD, WRONG, Certificate.PASSWORD)) {
			assertThat(text).doesNotContain(secret, hex(secret), base64(secret));
		}
		assertThat(text).doesNotContainPattern(TOKEN);
	}

	private static String hex(String text) {
		return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
	}

	private static String base64(String text) {
		return Base64.getEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties
	static class Properties {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
