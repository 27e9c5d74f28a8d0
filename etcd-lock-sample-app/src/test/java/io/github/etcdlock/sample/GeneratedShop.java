package io.github.etcdlock.sample;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The shop with what was generated for it ahead of time, as if that were in its JAR:
 * classes of one package must come from one loader.
 */
final class GeneratedShop {

	private GeneratedShop() {
	}

	/** The folders with what was generated, and the arguments of the shop. */
	public static void main(String[] arguments) throws Exception {
		List<URL> path = new ArrayList<>();
		for (String entry : (arguments[0] + File.pathSeparator + System.getProperty("java.class.path"))
			.split(File.pathSeparator)) {
			path.add(Path.of(entry).toUri().toURL());
		}
		URLClassLoader loader = new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
		Thread.currentThread().setContextClassLoader(loader);
		loader.loadClass(ShopApplication.class.getName())
			.getMethod("main", String[].class)
			.invoke(null, (Object) Arrays.copyOfRange(arguments, 1, arguments.length));
	}

}
