package io.github.etcdlock.autoconfigure;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import io.github.etcdlock.docs.ErrorTable;
import io.github.etcdlock.recipe.QueueListener;
import kotlin.coroutines.Continuation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reactivestreams.Publisher;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.mock.env.MockEnvironment;
import reactor.core.publisher.Mono;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Every wrong queue listener of docs/errors.md. */
class QueueListenerErrorsTests {

	private final QueueListeners listeners = new QueueListeners(new MockEnvironment(), () -> null, () -> null);

	@Test
	void proxyThatDoesNotHaveTheListenerIsNamedWithItsCure() {
		ProxyFactory factory = new ProxyFactory(new Listening());
		Object proxy = factory.getProxy();
		ErrorTable.check("Proxies of queue listeners", Map.of("implements interfaces, none of which has the method",
				() -> this.listeners.postProcessAfterInitialization(proxy, "bean")));
	}

	static class Listening implements Runnable {

		@Override
		public void run() {
		}

		@QueueListener(queue = "q")
		public void on(String value) {
		}

	}

	@Test
	void wrongListenerIsNamedWithItsCure(@TempDir Path folder) throws Exception {
		List<ErrorTable.Row> rows = ErrorTable.under("Queue listeners");
		ErrorTable.compile(rows, folder, QueueListener.class, Mono.class, Publisher.class, Continuation.class);
		try (URLClassLoader loader = new URLClassLoader(new URL[] { folder.toUri().toURL() },
				getClass().getClassLoader())) {
			for (int i = 0; i < rows.size(); i++) {
				Object bean = loader.loadClass("Row" + i).getDeclaredConstructor().newInstance();
				assertThatExceptionOfType(QueueListenerException.class).as(rows.get(i).wrong())
					.isThrownBy(() -> this.listeners.postProcessAfterInitialization(bean, "bean"))
					.withMessageStartingWith("@QueueListener on " + bean.getClass().getName() + ".run()")
					.withMessageContaining(rows.get(i).message());
			}
		}
		assertThat(rows).hasSizeGreaterThan(10);
	}

}
