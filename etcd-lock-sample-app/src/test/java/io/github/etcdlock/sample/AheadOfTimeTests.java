package io.github.etcdlock.sample;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

import io.github.etcdlock.test.ChildJvm;
import io.github.etcdlock.test.EtcdCluster;
import io.github.etcdlock.test.EtcdExtension;
import org.h2.tools.Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

import org.springframework.boot.SpringApplicationAotProcessor;

import static org.assertj.core.api.Assertions.assertThat;

/** The shop with the context that the build generates for a native image, on the JVM. */
@ExtendWith(EtcdExtension.class)
class AheadOfTimeTests {

	@TempDir
	private Path folder;

	@Test
	void shopSellsWithTheGeneratedContext(EtcdCluster etcd) throws Exception {
		Path sources = this.folder.resolve("sources");
		Path resources = this.folder.resolve("resources");
		Path classes = this.folder.resolve("classes");
		SpringApplicationAotProcessor.main(new String[] { ShopApplication.class.getName(), sources.toString(),
				resources.toString(), classes.toString(), "io.github.etcdlock", "shop", "--join=two" });
		compile(sources, classes);
		Server database = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
		try (ChildJvm shop = ChildJvm.start(List.of("-Dspring.aot.enabled=true"), GeneratedShop.class,
				classes + File.pathSeparator + resources, "--join=two", "--etcd-lock.endpoints=" + etcd.endpoint(),
				"--etcd-lock.key-prefix=" + etcd.freshPrefix(), "--shop.database-port=" + database.getPort(),
				PageClient.SAY_PORT)) {
			PageClient page = PageClient.of(shop);
			assertThat(shop.output()).anyMatch((line) -> line.contains("Starting AOT-processed ShopApplication"));
			JsonNode result = page.sell(Mode.LOCK, 5, 10, 0);
			assertThat(result.get("sold").asInt()).isEqualTo(5);
			assertThat(result.get("unserved").asInt()).isZero();
		}
		finally {
			database.stop();
		}
	}

	private static void compile(Path sources, Path classes) throws IOException {
		JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
		StringWriter output = new StringWriter();
		try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8);
				Stream<Path> found = Files.walk(sources)) {
			List<Path> all = found.filter((file) -> file.toString().endsWith(".java")).toList();
			assertThat(all).isNotEmpty();
			assertThat(
					compiler
						.getTask(output, files, null,
								List.of("-proc:none", "-nowarn", "-d", classes.toString(), "-cp",
										classes + File.pathSeparator + System.getProperty("java.class.path")),
								null, files.getJavaFileObjectsFromPaths(all))
						.call())
				.as(output::toString)
				.isTrue();
		}
	}

}
