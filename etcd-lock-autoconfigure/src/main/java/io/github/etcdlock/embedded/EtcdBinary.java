package io.github.etcdlock.embedded;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Where the etcd binary is: the same places, in the same order, as in the provisioning
 * script.
 */
final class EtcdBinary {

	private final Map<String, String> environment;

	private final String userHome;

	private final List<String> lookedAt = new ArrayList<>();

	EtcdBinary(Map<String, String> environment, String userHome) {
		this.environment = environment;
		this.userHome = userHome;
	}

	/**
	 * Whoever names a binary wants that one, so a wrong name is an error and not passed
	 * over.
	 */
	Path find(@Nullable Path configured) {
		if (configured != null) {
			return required(configured, "the configured binary ");
		}
		String fromEnvironment = variable("ETCD_BINARY");
		if (fromEnvironment != null) {
			return required(Path.of(fromEnvironment), "ETCD_BINARY=");
		}
		this.lookedAt.add("ETCD_BINARY (not set)");
		for (Path folder : folders()) {
			Path candidate = folder.resolve("etcd");
			if (isProgram(candidate)) {
				return candidate;
			}
		}
		throw new EtcdBinaryNotFoundException(this.lookedAt);
	}

	private Path required(Path binary, String name) {
		if (!isProgram(binary)) {
			throw new EtcdBinaryNotFoundException(List.of(name + binary + " (no executable file)"));
		}
		return binary;
	}

	private List<Path> folders() {
		List<Path> folders = new ArrayList<>();
		String path = variable("PATH");
		this.lookedAt.add("the PATH");
		if (path != null) {
			for (String folder : path.split(File.pathSeparator)) {
				folders.add(Path.of(folder));
			}
		}
		Path cache = cache();
		this.lookedAt.add(cache.toString());
		folders.add(cache);
		return folders;
	}

	private Path cache() {
		String cacheHome = variable("XDG_CACHE_HOME");
		if (cacheHome == null) {
			String home = variable("HOME");
			cacheHome = ((home != null) ? home : this.userHome) + "/.cache";
		}
		return Path.of(cacheHome, "etcd-lock");
	}

	private @Nullable String variable(String name) {
		String value = this.environment.get(name);
		return (value == null || value.isEmpty()) ? null : value;
	}

	private static boolean isProgram(Path file) {
		return Files.isRegularFile(file) && Files.isExecutable(file);
	}

}
