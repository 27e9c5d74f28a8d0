package io.github.etcdlock.aop;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.Flow;
import java.util.function.Supplier;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.docs.ErrorTable;
import io.github.etcdlock.recipe.ValueFormat;
import kotlin.coroutines.Continuation;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.catchThrowable;

/** Methods that cannot be locked because a library is missing. */
class MissingLibrariesTests {

	@Test
	void libraryIsNamedWithItsCure() throws Exception {
		ErrorTable.checkSaid("Missing libraries",
				Map.of("Reactor, for a method that returns a publisher",
						mistakeWithout("reactor-core", PublishesNothing.class),
						"Coroutines for Reactor, for a suspending function",
						mistakeWithout("kotlinx-coroutines-reactor", SuspendsNothing.class),
						"Jackson, for values of recipes that are neither text nor bytes",
						catchThrowable(() -> ValueFormat.textOnly().write(5)).getMessage()));
	}

	/** What is said to a bean where a library is not on the class path. */
	private static String mistakeWithout(String library, Class<? extends Supplier<String>> bean) throws Exception {
		URL[] others = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
			.filter((path) -> !path.contains(library))
			.map(MissingLibrariesTests::url)
			.toArray(URL[]::new);
		try (URLClassLoader loader = new URLClassLoader(others, ClassLoader.getPlatformClassLoader())) {
			Object locked = loader.loadClass(bean.getName()).getDeclaredConstructor().newInstance();
			return ((Supplier<?>) locked).get().toString();
		}
	}

	private static URL url(String path) {
		try {
			return new File(path).toURI().toURL();
		}
		catch (MalformedURLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static String mistake(Object bean) {
		try {
			new Locking().proxy(bean);
			return "none";
		}
		catch (LockDefinitionException ex) {
			return ex.toString();
		}
	}

	public static class PublishesNothing implements Supplier<String> {

		@Override
		public String get() {
			return mistake(this);
		}

		@DistributedLock("a")
		public Flow.Publisher<String> publish() {
			return (subscriber) -> {
			};
		}

	}

	public static class SuspendsNothing implements Supplier<String> {

		@Override
		public String get() {
			return mistake(this);
		}

		@DistributedLock("a")
		public Object suspend(Continuation<? super String> continuation) {
			return "";
		}

	}

}
