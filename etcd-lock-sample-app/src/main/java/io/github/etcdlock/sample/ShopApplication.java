package io.github.etcdlock.sample;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.h2.tools.Server;

import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/**
 * The shop. Started without arguments it brings up everything a newcomer lacks: a real
 * etcd, a database, a second instance in a JVM of its own, and then the demonstration.
 * With {@code --join} it is one more instance beside those.
 */
@SpringBootApplication
public class ShopApplication {

	private static final int FIRST_PORT = 23790;

	/**
	 * Starts the shop.
	 * @param arguments {@code --join=<name>} for one more instance; else Spring Boot's
	 * @throws SQLException if the database cannot be started
	 */
	public static void main(String[] arguments) throws SQLException {
		String joining = argument(arguments, "join", "");
		if (joining.isEmpty()) {
			ConfigurableApplicationContext shop = open(arguments);
			shop.getBean(Demonstration.class)
				.run("http://localhost:" + shop.getEnvironment().getProperty("local.server.port"));
		}
		else {
			join(joining, arguments);
		}
	}

	/** Starts what is lacking, and the instance that has the page. */
	static ConfigurableApplicationContext open(String... arguments) throws SQLException {
		List<String> all = new ArrayList<>();
		SpringApplicationBuilder builder = new SpringApplicationBuilder(ShopApplication.class);
		int members = Integer.parseInt(argument(arguments, "shop.members", "1"));
		if (argument(arguments, "etcd-lock.endpoints", "").isEmpty()) {
			if (members == 1) {
				all.add("--etcd-lock.embedded.enabled=true");
			}
			else {
				Ensemble ensemble = Ensemble.start(members, firstPort(arguments));
				all.add("--etcd-lock.endpoints=" + String.join(",", ensemble.endpoints()));
				// A bean of the context: closed with it, and after all that use etcd.
				builder.initializers((context) -> ((GenericApplicationContext) context).registerBean(Ensemble.class,
						() -> ensemble));
			}
		}
		Arrays.stream(arguments).filter((argument) -> !argument.startsWith("--shop.database-port=")).forEach(all::add);
		all.add("--shop.database-port=" + serveDatabase(arguments));
		return builder.run(all.toArray(String[]::new));
	}

	private static void join(String name, String[] arguments) {
		List<String> all = new ArrayList<>(List.of("--shop.instance=" + name, "--server.port=0"));
		if (argument(arguments, "etcd-lock.endpoints", "").isEmpty()) {
			int members = Integer.parseInt(argument(arguments, "shop.members", "1"));
			all.add("--etcd-lock.endpoints=" + String.join(",", Ensemble.endpoints(members, firstPort(arguments))));
		}
		all.addAll(List.of(arguments));
		new SpringApplicationBuilder(ShopApplication.class).run(all.toArray(String[]::new));
	}

	private static int firstPort(String[] arguments) {
		return Integer.parseInt(argument(arguments, "etcd-lock.embedded.port", String.valueOf(FIRST_PORT)));
	}

	/** All instances share one database, in memory, which this process serves. */
	private static int serveDatabase(String[] arguments) throws SQLException {
		String port = argument(arguments, "shop.database-port", "19092");
		return Server.createTcpServer("-tcpPort", port, "-tcpDaemon", "-ifNotExists").start().getPort();
	}

	private static String argument(String[] arguments, String name, String otherwise) {
		return Arrays.stream(arguments)
			.filter((argument) -> argument.startsWith("--" + name + "="))
			.map((argument) -> argument.substring(argument.indexOf('=') + 1))
			.findFirst()
			.orElse(otherwise);
	}

}
