package io.github.etcdlock.sample;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.ContextClosedEvent;

/** The shop once more, in a JVM of its own that ends with this one. */
final class SecondInstance {

	private static final Logger logger = LoggerFactory.getLogger(SecondInstance.class);

	private static final String CHILD = "--shop.child=true";

	private SecondInstance() {
	}

	static void start(ConfigurableApplicationContext first, String[] arguments) throws IOException {
		List<String> command = new ArrayList<>();
		command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
		command.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
		command.addAll(List.of(ShopApplication.class.getName(), "--join=two", CHILD));
		Arrays.stream(arguments).filter((argument) -> !argument.startsWith("--server.port")).forEach(command::add);
		Process process = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.INHERIT)
			.redirectError(ProcessBuilder.Redirect.INHERIT)
			.start();
		first.addApplicationListener((ApplicationListener<ContextClosedEvent>) (event) -> process.destroy());
	}

	/**
	 * The parent holds the other end of our standard input: when it is gone, so are we.
	 */
	static void endWithParent(ConfigurableApplicationContext context, String[] arguments) {
		if (!List.of(arguments).contains(CHILD)) {
			return;
		}
		Thread watcher = new Thread(() -> awaitEnd(System.in, context), "parent-watcher");
		watcher.setDaemon(true);
		watcher.start();
	}

	private static void awaitEnd(InputStream input, ConfigurableApplicationContext context) {
		try {
			input.transferTo(OutputStream.nullOutputStream());
		}
		catch (IOException ex) {
			logger.debug("The parent's pipe broke", ex);
		}
		System.exit(SpringApplication.exit(context));
	}

}
