package io.github.etcdlock.benchmarks;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The servers and the worker processes, each started when it is first wanted, so that all
 * of them stay warm from one measurement to the next. A kind of server that cannot be
 * started is missing for good.
 */
final class Field implements AutoCloseable {

	private static final List<String> JVM_OPTIONS = List.of("-Xms256m", "-Xmx1g", "-XX:+UseSerialGC");

	private final Map<ServerKind, Server> servers = new EnumMap<>(ServerKind.class);

	private static final Duration WARM_UP = Duration.ofSeconds(1);

	private static final int WARM_UP_THREADS = 64;

	private final Map<ServerKind, String> missing = new EnumMap<>(ServerKind.class);

	private final Map<Contestant, List<JavaProcess>> workers = new EnumMap<>(Contestant.class);

	private boolean has(ServerKind kind) {
		if (!this.servers.containsKey(kind) && !this.missing.containsKey(kind)) {
			try {
				this.servers.put(kind, kind.start());
			}
			catch (Exception ex) {
				this.missing.put(kind, String.valueOf(ex.getMessage()));
				System.out.println("Left out, for there is no " + kind.title() + ": " + ex.getMessage());
			}
		}
		return this.servers.containsKey(kind);
	}

	/** Whether its server runs. */
	boolean has(Contestant contestant) {
		return has(contestant.server());
	}

	Server server(ServerKind kind) {
		if (!has(kind)) {
			throw new IllegalStateException("There is no " + kind.title() + ": " + this.missing.get(kind));
		}
		return this.servers.get(kind);
	}

	/** The first so many processes of a contestant, whose code is compiled already. */
	List<JavaProcess> workers(Contestant contestant, int count) throws IOException {
		List<JavaProcess> processes = this.workers.computeIfAbsent(contestant, (key) -> new ArrayList<>());
		while (processes.size() < count) {
			JavaProcess worker = worker(contestant);
			worker.ask(LoadOrder.of("warm-up", contestant.threads(WARM_UP_THREADS), false, WARM_UP).toLine(),
					LoadResult.ANSWER);
			processes.add(worker);
		}
		return List.copyOf(processes.subList(0, count));
	}

	/** A process of its own; whoever asks for it closes it. */
	JavaProcess worker(Contestant contestant) throws IOException {
		JavaProcess worker = JavaProcess.start(Worker.class, JVM_OPTIONS, contestant.name(),
				server(contestant.server()).address());
		worker.expect(Worker.READY);
		return worker;
	}

	/** Ends its processes: the next measurement gets new ones. */
	void retire(Contestant contestant) {
		this.workers.getOrDefault(contestant, List.of()).forEach(JavaProcess::close);
		this.workers.remove(contestant);
	}

	/** The servers that ran, with their versions. */
	Map<String, String> versions() {
		Map<String, String> versions = new LinkedHashMap<>();
		this.servers.forEach((kind, server) -> versions.put(kind.title(), server.version()));
		this.missing.forEach((kind, reason) -> versions.put(kind.title(), "missing: " + reason));
		return versions;
	}

	@Override
	public void close() {
		this.workers.values().forEach((processes) -> processes.forEach(JavaProcess::close));
		this.servers.values().forEach(Server::close);
	}

}
