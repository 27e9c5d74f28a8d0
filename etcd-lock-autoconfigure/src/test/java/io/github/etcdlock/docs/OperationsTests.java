package io.github.etcdlock.docs;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import io.github.etcdlock.EtcdLockException;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.autoconfigure.EtcdLockAutoConfiguration;
import io.github.etcdlock.test.EtcdCluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What docs/operations.md tells operators to do, done in its order. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class OperationsTests {

	private static final Pattern SHELL = Pattern.compile("```shell\\n(.*?)```", Pattern.DOTALL);

	private static final Map<String, String> PASSWORDS = Map.of("shop.password", "s3cret", "root.password", "r00t");

	@TempDir
	private static Path folder;

	private static EtcdCluster cluster;

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(EtcdLockAutoConfiguration.class))
		.withPropertyValues("etcd-lock.endpoints=" + cluster.endpoint(), "etcd-lock.request-timeout=10s");

	@BeforeAll
	static void startCluster() {
		cluster = EtcdCluster.builder().arguments("--bcrypt-cost=4").start();
	}

	@AfterAll
	static void stopCluster() {
		cluster.close();
	}

	@Test
	@Order(1)
	void keysAreSharedBetweenClusters() {
		try (EtcdCluster second = EtcdCluster.ofOne()) {
			this.runner.withBean(ShardedLocks.class)
				.withPropertyValues("second-cluster.endpoint=" + second.endpoint().replace("http://", ""))
				.run((context) -> {
					ShardedLocks locks = context.getBean(ShardedLocks.class);
					// the first request of a JVM is slow: here the timeout is longer
					try (LockHandle b = locks.of("b").acquire("b"); LockHandle a = locks.of("a").acquire("a")) {
						List<EtcdCluster> both = List.of(cluster, second);
						assertThat(List.of(a, b)).allMatch(LockHandle::isHeld);
						assertThat(both).allMatch((each) -> standing(each) == 1);
					}
				});
		}
	}

	private static long standing(EtcdCluster etcd) {
		return etcd.contents().under("/locks/").stream().filter((key) -> !key.name().contains("/.")).count();
	}

	@Test
	@Order(2)
	void rightsAreEnoughForLocksAndForNothingElse() throws Exception {
		List<List<String>> blocks = commands();
		for (String command : blocks.get(0)) {
			run(command);
		}
		for (String command : blocks.get(1)) {
			run(command);
		}
		String[] user = { "etcd-lock.username=shop", "etcd-lock.password=s3cret" };
		this.runner.withPropertyValues(user)
			.run((context) -> assertThat(context.getBean(LockTemplate.class).execute("k", LockHandle::isHeld))
				.isTrue());
		this.runner.withPropertyValues(user)
			.withPropertyValues("etcd-lock.key-prefix=/locksmith")
			.run((context) -> assertThatExceptionOfType(LockUnavailableException.class)
				.isThrownBy(() -> context.getBean(LockTemplate.class).acquire("k"))
				.withMessageContaining("permission denied"));
	}

	@Test
	@Order(3)
	void backupIsAFile() throws Exception {
		Path file = folder.resolve("backup.db");
		run(commands().get(2)
			.get(0)
			.replace("etcdctl", "etcdctl --user=root:r00t")
			.replace("backup.db", file.toString()));
		assertThat(file).isNotEmptyFile();
	}

	@Test
	void everyExceptionIsExplained() throws IOException {
		String page = Files.readString(Path.of("docs", "operations.md"));
		Stream<String> exceptions = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
			.importPackages("io.github.etcdlock")
			.stream()
			.filter((type) -> type.isAssignableTo(Throwable.class) && type.getModifiers().contains(JavaModifier.PUBLIC))
			.map(JavaClass::getSimpleName)
			.filter((name) -> !name.equals(EtcdLockException.class.getSimpleName()));
		assertThat(exceptions).hasSizeGreaterThan(10).allSatisfy((name) -> assertThat(page).contains("`" + name + "`"));
	}

	/** The blocks of commands, without comments. */
	private static List<List<String>> commands() throws IOException {
		List<List<String>> blocks = new ArrayList<>();
		for (MatchResult block : SHELL.matcher(Files.readString(Path.of("docs", "operations.md"))).results().toList()) {
			blocks.add(block.group(1).lines().filter((line) -> !line.isBlank()).toList());
		}
		assertThat(blocks).hasSize(3)
			.allMatch((block) -> block.stream().allMatch((line) -> line.startsWith("etcdctl ")));
		return blocks;
	}

	private static void run(String command) throws IOException, InterruptedException {
		String[] parts = command.substring("etcdctl ".length()).split(" < ");
		Process process = cluster.etcdctl(parts[0].split(" ")).start();
		try (Writer input = process.outputWriter()) {
			input.write((parts.length > 1) ? PASSWORDS.get(parts[1]) + "\n" : "");
		}
		List<String> output = process.inputReader().lines().toList();
		assertThat(process.waitFor()).as(command + ": " + String.join("\n", output)).isZero();
	}

}
