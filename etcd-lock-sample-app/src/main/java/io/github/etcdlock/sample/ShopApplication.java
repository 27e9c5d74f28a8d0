package io.github.etcdlock.sample;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.h2.tools.Server;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The shop. Started without arguments it brings up everything a newcomer lacks: a real
 * etcd, a database, a second instance in a JVM of its own, and then the demonstration.
 * With {@code --join} it is one more instance beside those.
 */
@SpringBootApplication
public class ShopApplication {

	/**
	 * Starts the shop.
	 * @param arguments {@code --join=<name>} for one more instance; else Spring Boot's
	 * @throws Exception if the database or the second instance cannot be started
	 */
	public static void main(String[] arguments) throws Exception {
		String joining = Arrays.stream(arguments)
			.filter((argument) -> argument.startsWith("--join="))
			.map((argument) -> argument.substring("--join=".length()))
			.findFirst()
			.orElse("");
		if (joining.isEmpty()) {
			startEverything(arguments);
		}
		else {
			join(joining, arguments);
		}
	}

	private static void startEverything(String[] arguments) throws SQLException, IOException {
		boolean ownEtcd = Arrays.stream(arguments)
			.noneMatch((argument) -> argument.startsWith("--etcd-lock.endpoints"));
		List<String> all = new ArrayList<>(List.of("--etcd-lock.embedded.enabled=" + ownEtcd));
		all.addAll(List.of(arguments));
		serveDatabase(arguments);
		ConfigurableApplicationContext first = SpringApplication.run(ShopApplication.class, all.toArray(String[]::new));
		SecondInstance.start(first, arguments);
		first.getBean(Demonstration.class).runWhenReady(2);
	}

	private static void join(String name, String[] arguments) {
		List<String> all = new ArrayList<>(List.of("--shop.instance=" + name, "--server.port=0"));
		if (Arrays.stream(arguments).noneMatch((argument) -> argument.startsWith("--etcd-lock.endpoints"))) {
			all.add("--etcd-lock.endpoints=http://127.0.0.1:${etcd-lock.embedded.port}");
		}
		all.addAll(List.of(arguments));
		ConfigurableApplicationContext context = SpringApplication.run(ShopApplication.class,
				all.toArray(String[]::new));
		SecondInstance.endWithParent(context, arguments);
	}

	/** All instances share one database, in memory, which this process serves. */
	private static void serveDatabase(String[] arguments) throws SQLException {
		String port = Arrays.stream(arguments)
			.filter((argument) -> argument.startsWith("--shop.database-port="))
			.map((argument) -> argument.substring(argument.indexOf('=') + 1))
			.findFirst()
			.orElse("19092");
		Server.createTcpServer("-tcpPort", port, "-ifNotExists").start();
	}

}
