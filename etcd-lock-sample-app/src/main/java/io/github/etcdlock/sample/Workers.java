package io.github.etcdlock.sample;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import io.github.etcdlock.autoconfigure.EtcdConnectionDetails;
import io.github.etcdlock.sample.Instances.Instance;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.ApplicationArguments;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * The instances that this process has started, each in a JVM of its own and behind links
 * of its own to etcd. They end with this process, even if that is killed while they are
 * paused.
 */
@Component
class Workers implements DisposableBean {

	private static final Duration PATIENCE = Duration.ofMinutes(1);

	private static final Duration LOOK = Duration.ofMillis(50);

	private static final List<String> NAMES = List.of("two", "three", "four", "five", "six", "seven", "eight", "nine");

	/**
	 * Becomes the JVM, and leaves somebody behind who reads a pipe that this process
	 * never writes to: when it ends, so has this process.
	 */
	private static final String GUARD = """
			exec 3<&0 </dev/null
			( trap '' HUP INT TERM; read -r end <&3; kill -9 $$ ) >/dev/null 2>&1 &
			exec 3<&-
			exec "$@"
			""";

	/** What a child is told as this process was. */
	private static final Set<String> HANDED_ON = Set.of("spring.datasource.url", "shop.database-port", "shop.naive-ttl",
			"etcd-lock.key-prefix", "etcd-lock.ttl");

	private static final List<String> HANDED_ON_ARGUMENTS = List.of("--etcd-lock.ssl.", "--spring.ssl.bundle.");

	private final Map<String, Worker> workers = new LinkedHashMap<>();

	private final Environment environment;

	private final List<String> arguments;

	private final EtcdConnectionDetails etcd;

	private final Instances instances;

	Workers(Environment environment, ApplicationArguments arguments, EtcdConnectionDetails etcd, Instances instances) {
		this.environment = environment;
		this.arguments = List.of(arguments.getSourceArgs());
		this.etcd = etcd;
		this.instances = instances;
	}

	/** Starts an instance, which is open for buyers some seconds later. */
	synchronized Worker start() {
		Set<String> taken = this.instances.all().stream().map(Instance::name).collect(Collectors.toSet());
		running().forEach((worker) -> taken.add(worker.name()));
		String name = NAMES.stream()
			.filter((candidate) -> !taken.contains(candidate))
			.findFirst()
			.orElseThrow(() -> new BusyException("There are enough instances"));
		if (running().size() >= SaleOrder.MOST_INSTANCES) {
			throw new BusyException(
					"More than " + SaleOrder.MOST_INSTANCES + " more instances are too many for one page");
		}
		try {
			Worker worker = launch(name);
			this.workers.put(name, worker);
			return worker;
		}
		catch (IOException ex) {
			throw new IllegalStateException("The instance " + name + " could not be started", ex);
		}
	}

	/** Those that this process has started and that still run. */
	synchronized List<Worker> running() {
		return this.workers.values().stream().filter((worker) -> worker.state() != Worker.State.ENDED).toList();
	}

	/** One that this process has started: it ends nobody else's. */
	synchronized Worker find(String name) {
		Worker worker = this.workers.get(name);
		if (worker == null || worker.state() == Worker.State.ENDED) {
			throw new IllegalArgumentException("There is no instance \"" + name + "\" that this page has started");
		}
		return worker;
	}

	/**
	 * Starts as many as are lacking, and waits until so many are open.
	 * @param number how many
	 * @param wanted which one must be among them, if it is open
	 */
	List<Instance> atLeast(int number, String wanted) throws InterruptedException {
		long end = System.nanoTime() + PATIENCE.toNanos();
		synchronized (this) {
			long others = this.instances.all()
				.stream()
				.filter((open) -> !this.workers.containsKey(open.name()))
				.count();
			for (long there = others + running().size(); there < number; there++) {
				start();
			}
		}
		while (this.instances.all().size() < number) {
			if (System.nanoTime() > end) {
				throw new BusyException("Only " + this.instances.all().size() + " of " + number
						+ " instances have opened within " + PATIENCE.toSeconds() + " s");
			}
			TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
		}
		return this.instances.all()
			.stream()
			.sorted(Comparator.comparing((instance) -> !instance.name().equals(wanted)))
			.limit(number)
			.toList();
	}

	private Worker launch(String name) throws IOException {
		List<Link> links = links();
		List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", GUARD, "sh"));
		command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
		command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-Xshare:auto"));
		command.addAll(List.of("-cp", System.getProperty("java.class.path"), ShopApplication.class.getName()));
		command.add("--join=" + name);
		command.add("--etcd-lock.endpoints=" + String.join(",",
				links.isEmpty() ? this.etcd.getEndpoints() : links.stream().map(Link::endpoint).toList()));
		HANDED_ON.stream()
			.filter(this.environment::containsProperty)
			.forEach((property) -> command.add("--" + property + "=" + this.environment.getProperty(property)));
		this.arguments.stream()
			.filter((argument) -> HANDED_ON_ARGUMENTS.stream().anyMatch(argument::startsWith))
			.forEach(command::add);
		ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.INHERIT)
			.redirectError(ProcessBuilder.Redirect.INHERIT);
		if (this.etcd.getUsername() != null && this.etcd.getPassword() != null) {
			builder.environment().put("ETCD_LOCK_USERNAME", this.etcd.getUsername());
			builder.environment().put("ETCD_LOCK_PASSWORD", this.etcd.getPassword());
		}
		Process process = builder.start();
		process.onExit().thenRun(() -> close(process, links));
		return new Worker(name, process, links);
	}

	/**
	 * None where etcd wants TLS: a certificate is good for the name of its own host only.
	 */
	private List<Link> links() throws IOException {
		List<Link> links = new ArrayList<>();
		for (String endpoint : this.etcd.getEndpoints()) {
			URI address = URI.create(endpoint.contains("://") ? endpoint : "http://" + endpoint);
			if (!"http".equals(address.getScheme())) {
				return List.of();
			}
			links.add(new Link(address.getHost(), address.getPort()));
		}
		return links;
	}

	private static void close(Process process, List<Link> links) {
		try {
			process.getOutputStream().close();
			for (Link link : links) {
				link.close();
			}
		}
		catch (IOException ex) {
			throw new IllegalStateException("The links of an instance that ended could not be closed", ex);
		}
	}

	@Override
	public void destroy() {
		running().forEach(Worker::stop);
	}

}
