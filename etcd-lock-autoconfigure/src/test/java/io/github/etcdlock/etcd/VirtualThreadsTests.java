package io.github.etcdlock.etcd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.github.etcdlock.test.ChildJvm;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/** Locks on virtual threads, in the newest JDK of this machine. */
class VirtualThreadsTests {

	private static final int FIRST_WITH_VIRTUAL_THREADS = 21;

	private static final Pattern VERSION = Pattern.compile("JAVA_VERSION=\"(\\d+)");

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@Test
	void tenThousandWaitWithoutPinningACarrier() {
		Optional<Path> jdk = newestJdk();
		assumeThat(jdk).as("No JDK from version 21 up beside this one (%s)", System.getProperty("java.home"))
			.isPresent();
		try (ChildJvm child = ChildJvm.start(jdk.get(),
				List.of("-Djdk.virtualThreadScheduler.parallelism=2", "-Xmx512m"), VirtualThreadsProcess.class,
				etcd.endpoint(), etcd.freshPrefix())) {
			assertThat(child.expect("waiting ")).isEqualTo("10000");
			assertThat(child.expect("another virtual thread runs: ")).isEqualTo("true");
			assertThat(child.expect("counted ")).isEqualTo("10000");
			assertThat(child.expect("through a view ")).isEqualTo("1000");
			assertThat(child.expect("on purpose: ")).isNotEqualTo("0");
			assertThat(child.expect("pinned in all: ")).as(() -> String.join("\n", child.output())).isEqualTo("0");
		}
	}

	/** The one that the build names, or the newest of this one and those beside it. */
	private static Optional<Path> newestJdk() {
		String named = System.getProperty("newest.jdk");
		if (named != null) {
			return Optional.of(Path.of(named));
		}
		Path own = Path.of(System.getProperty("java.home"));
		try (Stream<Path> beside = Files.list(own.getParent())) {
			return Stream.concat(Stream.of(own), beside)
				.filter((jdk) -> Files.isExecutable(jdk.resolve("bin/java"))
						&& version(jdk) >= FIRST_WITH_VIRTUAL_THREADS)
				.max(Comparator.comparingInt(VirtualThreadsTests::version));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static int version(Path jdk) {
		Path release = jdk.resolve("release");
		if (!Files.isReadable(release)) {
			return 0;
		}
		try {
			Matcher version = VERSION.matcher(Files.readString(release));
			return version.find() ? Integer.parseInt(version.group(1)) : 0;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
