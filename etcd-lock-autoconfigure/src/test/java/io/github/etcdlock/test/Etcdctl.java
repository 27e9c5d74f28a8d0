package io.github.etcdlock.test;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Where etcdctl is: the same places, in the same order, as in the provisioning script.
 */
final class Etcdctl {

	private Etcdctl() {
	}

	static Path find(Map<String, String> environment) {
		List<Path> folders = new ArrayList<>();
		String etcd = variable(environment, "ETCD_BINARY", "");
		if (!etcd.isEmpty()) {
			folders.add(Path.of(etcd).toAbsolutePath().getParent());
		}
		Stream.of(variable(environment, "PATH", "").split(File.pathSeparator)).map(Path::of).forEach(folders::add);
		String home = variable(environment, "HOME", System.getProperty("user.home"));
		folders.add(Path.of(variable(environment, "XDG_CACHE_HOME", home + "/.cache"), "etcd-lock"));
		return folders.stream()
			.map((folder) -> folder.resolve("etcdctl"))
			.filter(Files::isExecutable)
			.findFirst()
			.orElseThrow(() -> new IllegalStateException(
					"No etcdctl in any of " + folders + ": scripts/provision-etcd.sh gets one"));
	}

	private static String variable(Map<String, String> environment, String name, String otherwise) {
		@Nullable String value = environment.get(name);
		return (value == null || value.isEmpty()) ? otherwise : value;
	}

}
