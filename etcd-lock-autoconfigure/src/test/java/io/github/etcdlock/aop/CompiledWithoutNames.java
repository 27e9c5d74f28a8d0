package io.github.etcdlock.aop;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;

import javax.tools.ToolProvider;

/** A class compiled without {@code -parameters}, as some users' are. */
final class CompiledWithoutNames {

	private CompiledWithoutNames() {
	}

	static Class<?> load(Path folder) throws Exception {
		Path source = folder.resolve("Nameless.java");
		Files.writeString(source, """
				public class Nameless {
					@io.github.etcdlock.DistributedLock("#{#id}")
					public void run(String id) {
					}
				}
				""");
		int status = ToolProvider.getSystemJavaCompiler()
			.run(null, null, null, "-proc:none", "-cp", System.getProperty("java.class.path"), source.toString());
		if (status != 0) {
			throw new IllegalStateException("Compiling failed with " + status);
		}
		URLClassLoader loader = new URLClassLoader(new URL[] { folder.toUri().toURL() },
				CompiledWithoutNames.class.getClassLoader());
		return loader.loadClass("Nameless");
	}

}
