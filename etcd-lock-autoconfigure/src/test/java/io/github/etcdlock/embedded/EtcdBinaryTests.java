package io.github.etcdlock.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class EtcdBinaryTests {

	@TempDir
	Path folder;

	@Test
	void configuredBinaryWins() throws IOException {
		Path configured = program("configured/my-etcd");
		Map<String, String> environment = Map.of("ETCD_BINARY", program("other/etcd").toString());
		assertThat(binary(environment).find(configured)).isEqualTo(configured);
	}

	@Test
	void environmentVariableWinsOverThePath() throws IOException {
		Path named = program("named/etcd-3.5");
		Map<String, String> environment = Map.of("ETCD_BINARY", named.toString(), "PATH",
				program("bin/etcd").getParent().toString());
		assertThat(binary(environment).find(null)).isEqualTo(named);
	}

	@Test
	void pathWinsOverTheCache() throws IOException {
		program("cache/etcd-lock/etcd");
		Path onPath = program("bin/etcd");
		Map<String, String> environment = Map.of("PATH", this.folder + "/nothing:" + onPath.getParent(),
				"XDG_CACHE_HOME", this.folder + "/cache");
		assertThat(binary(environment).find(null)).isEqualTo(onPath);
	}

	@Test
	void cacheIsBelowXdgCacheHomeThenHomeThenUserHome() throws IOException {
		Path xdg = program("xdg/etcd-lock/etcd");
		Path home = program("home/.cache/etcd-lock/etcd");
		Path userHome = program(".cache/etcd-lock/etcd");
		String homeFolder = this.folder + "/home";
		assertThat(binary(Map.of("XDG_CACHE_HOME", this.folder + "/xdg", "HOME", homeFolder)).find(null))
			.isEqualTo(xdg);
		assertThat(binary(Map.of("XDG_CACHE_HOME", "", "HOME", homeFolder)).find(null)).isEqualTo(home);
		assertThat(binary(Map.of()).find(null)).isEqualTo(userHome);
	}

	@Test
	void binaryThatIsNamedButMissingIsNotPassedOver() throws IOException {
		Map<String, String> environment = Map.of("ETCD_BINARY", this.folder + "/typo", "PATH",
				program("bin/etcd").getParent().toString());
		assertThatExceptionOfType(EtcdBinaryNotFoundException.class).isThrownBy(() -> binary(environment).find(null))
			.withMessageContaining("ETCD_BINARY=" + this.folder + "/typo (no executable file)");
		assertThatExceptionOfType(EtcdBinaryNotFoundException.class)
			.isThrownBy(() -> binary(environment).find(this.folder.resolve("wrong")))
			.withMessageContaining("the configured binary " + this.folder + "/wrong (no executable file)");
	}

	@Test
	void missingBinarySaysWhereItLookedAndHowToGetOne() {
		Map<String, String> environment = Map.of("PATH", this.folder.toString(), "HOME", "/nobody");
		assertThatExceptionOfType(EtcdBinaryNotFoundException.class).isThrownBy(() -> binary(environment).find(null))
			.withMessageContaining("ETCD_BINARY (not set), then the PATH, then /nobody/.cache/etcd-lock.")
			.withMessageContaining("apt-get install etcd-server etcd-client")
			.withMessageContaining("brew install etcd")
			.withMessageContaining("scripts/provision-etcd.sh");
	}

	@Test
	void folderAndPlainFileAreNoBinary() throws IOException {
		Files.createDirectories(this.folder.resolve("a/etcd"));
		Files.createDirectories(this.folder.resolve("b"));
		Files.writeString(this.folder.resolve("b/etcd"), "text");
		Path program = program("c/etcd");
		String path = this.folder + "/a:" + this.folder + "/b:" + this.folder + "/c";
		assertThat(binary(Map.of("PATH", path)).find(null)).isEqualTo(program);
	}

	private EtcdBinary binary(Map<String, String> environment) {
		return new EtcdBinary(environment, this.folder.toString());
	}

	private Path program(String name) throws IOException {
		Path file = this.folder.resolve(name);
		Files.createDirectories(file.getParent());
		Files.writeString(file, "#!/bin/sh\n");
		assertThat(file.toFile().setExecutable(true)).isTrue();
		return file;
	}

}
