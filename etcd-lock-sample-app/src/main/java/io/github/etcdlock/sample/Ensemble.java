package io.github.etcdlock.sample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.github.etcdlock.embedded.EmbeddedEtcd;

import org.springframework.util.FileSystemUtils;

/**
 * Several members of etcd on this machine, so that one can be killed and the cluster goes
 * on. They elect a new leader within two seconds.
 */
final class Ensemble implements AutoCloseable {

	private static final int LOWEST_PORT = 12_000;

	private static final int HIGHEST_PORT = 32_000;

	private final List<Integer> ports;

	private final List<Integer> peerPorts;

	private final Path folder;

	private final List<EmbeddedEtcd> members = new ArrayList<>();

	private Ensemble(List<Integer> ports, List<Integer> peerPorts) throws IOException {
		this.ports = ports;
		this.peerPorts = peerPorts;
		this.folder = Files.createTempDirectory("etcd-lock-shop-");
	}

	/** Starts members on ports that follow each other, or on free ones from 0. */
	static Ensemble start(int number, int firstPort) {
		try {
			Ensemble ensemble = new Ensemble(ports(number, firstPort), ports(number, 0));
			List<CompletableFuture<EmbeddedEtcd>> starts = IntStream.range(0, number)
				.mapToObj((i) -> CompletableFuture.supplyAsync(() -> ensemble.member(i),
						(task) -> new Thread(task, "start-etcd-" + i).start()))
				.toList();
			starts.forEach((start) -> ensemble.members.add(start.join()));
			return ensemble;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private EmbeddedEtcd member(int i) {
		return EmbeddedEtcd.builder()
			.port(this.ports.get(i))
			.dataDir(this.folder.resolve("m" + i))
			.arguments(List.of("--name=m" + i, "--listen-peer-urls=" + url(this.peerPorts.get(i)),
					"--initial-advertise-peer-urls=" + url(this.peerPorts.get(i)), "--initial-cluster=" + peers(),
					"--heartbeat-interval=100", "--election-timeout=1000"))
			.start();
	}

	private String peers() {
		return IntStream.range(0, this.peerPorts.size())
			.mapToObj((i) -> "m" + i + "=" + url(this.peerPorts.get(i)))
			.collect(Collectors.joining(","));
	}

	static List<String> endpoints(int number, int firstPort) {
		return IntStream.range(0, number).mapToObj((i) -> url(firstPort + i)).toList();
	}

	List<String> endpoints() {
		return this.ports.stream().map(Ensemble::url).toList();
	}

	/** Kills a member, which gets no chance to hand over. */
	synchronized void kill(String endpoint) {
		EmbeddedEtcd member = this.members.get(index(endpoint));
		ProcessHandle.of(member.pid()).ifPresent(ProcessHandle::destroyForcibly);
		member.close();
	}

	/** Starts a killed member again, with what it has on its disk. */
	synchronized void restart(String endpoint) {
		int index = index(endpoint);
		this.members.set(index, member(index));
	}

	@Override
	public synchronized void close() throws IOException {
		this.members.forEach(EmbeddedEtcd::close);
		FileSystemUtils.deleteRecursively(this.folder);
	}

	private int index(String endpoint) {
		int index = endpoints().indexOf(endpoint);
		if (index < 0) {
			throw new IllegalArgumentException("No member of etcd at " + endpoint + " was started here");
		}
		return index;
	}

	private static List<Integer> ports(int number, int first) {
		return IntStream.range(0, number).map((i) -> (first == 0) ? freePort() : first + i).boxed().toList();
	}

	private static String url(int port) {
		return "http://127.0.0.1:" + port;
	}

	/** Below those of outgoing connections, so that it is free again for a restart. */
	private static int freePort() {
		while (true) {
			int port = ThreadLocalRandom.current().nextInt(LOWEST_PORT, HIGHEST_PORT);
			try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
				return socket.getLocalPort();
			}
			catch (IOException ex) {
				continue; // taken: try another
			}
		}
	}

}
