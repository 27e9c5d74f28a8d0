package io.github.etcdlock.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.grpc.StatusRuntimeException;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * Real etcd members on this machine, to be killed, paused and restarted. Several members
 * hold elections within half a second. All of them end with {@link #close()}, and with
 * this JVM.
 */
public final class EtcdCluster implements AutoCloseable {

	private static final Duration ELECTION_PATIENCE = Duration.ofSeconds(15);

	private final AtomicInteger prefixes = new AtomicInteger();

	private final Path folder;

	private final @Nullable Path binary;

	private final List<String> arguments;

	private final List<EtcdMember> members;

	private EtcdCluster(Builder settings) throws IOException {
		this.folder = Files.createTempDirectory("etcd-lock-cluster-");
		this.binary = settings.binary;
		this.arguments = new ArrayList<>();
		if (settings.members > 1) {
			this.arguments.addAll(List.of("--heartbeat-interval=50", "--election-timeout=300"));
		}
		this.arguments.addAll(settings.arguments);
		this.members = IntStream.range(0, settings.members)
			.mapToObj((i) -> new EtcdMember("m" + i, this.folder.resolve("m" + i), settings.peerProxies))
			.toList();
	}

	/**
	 * Starts one member.
	 * @return the cluster; close it
	 */
	public static EtcdCluster ofOne() {
		return builder().start();
	}

	/**
	 * Starts three members.
	 * @return the cluster; close it
	 */
	public static EtcdCluster ofThree() {
		return builder().members(3).start();
	}

	/**
	 * One member, unless told otherwise.
	 * @return the settings
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Where clients reach the members.
	 * @return the endpoints, as in {@code http://127.0.0.1:2379}
	 */
	public List<String> endpoints() {
		return this.members.stream().map(EtcdMember::endpoint).toList();
	}

	/**
	 * Where clients reach the first member.
	 * @return the endpoint
	 */
	public String endpoint() {
		return endpoint(0);
	}

	/**
	 * Where clients reach a member.
	 * @param member the member, from 0
	 * @return the endpoint
	 */
	public String endpoint(int member) {
		return this.members.get(member).endpoint();
	}

	/**
	 * A prefix for keys that nobody else in this cluster uses.
	 * @return the prefix, without a slash at its end
	 */
	public String freshPrefix() {
		return "/test-" + this.prefixes.incrementAndGet();
	}

	/**
	 * Everything that is in the cluster now, as its leader has it. Asked again when that
	 * is just losing an election.
	 * @return what is in it
	 */
	public EtcdContents contents() {
		long end = System.nanoTime() + ELECTION_PATIENCE.toNanos();
		while (true) {
			try {
				return EtcdContents.of(endpoint((this.members.size() > 1) ? leader() : 0));
			}
			catch (StatusRuntimeException ex) {
				if (this.members.size() == 1 || System.nanoTime() - end >= 0) {
					throw ex;
				}
			}
		}
	}

	/**
	 * Waits for a leader. A paused member is none; of two that think they lead, the later
	 * one is.
	 * @return the member that leads
	 */
	public int leader() {
		return Awaitility.await("a leader")
			.atMost(ELECTION_PATIENCE)
			.pollInterval(Duration.ofMillis(50))
			.until(this::findLeader, (member) -> member >= 0);
	}

	/**
	 * What an operator would run, or a Go program do: etcdctl of the same distribution.
	 * @param arguments the arguments, as in {@code "lock", "/locks/a"}
	 * @return the command, yet to be started; its errors come with its output
	 */
	public ProcessBuilder etcdctl(String... arguments) {
		List<String> command = new ArrayList<>(
				List.of(Etcdctl.find(System.getenv()).toString(), "--endpoints=" + String.join(",", endpoints())));
		command.addAll(List.of(arguments));
		ProcessBuilder etcdctl = new ProcessBuilder(command).redirectErrorStream(true);
		etcdctl.environment().keySet().removeIf((name) -> name.startsWith("ETCDCTL_"));
		etcdctl.environment().put("ETCDCTL_API", "3");
		return etcdctl;
	}

	/**
	 * Kills a member, paused or not; it gets no chance to clean up.
	 * @param member the member, from 0
	 */
	public void kill(int member) {
		this.members.get(member).kill();
	}

	/**
	 * Pauses a member: connections to it stay open and silent.
	 * @param member the member, from 0
	 */
	public void pause(int member) {
		Signal.STOP.send(this.members.get(member).pid());
	}

	/**
	 * Lets a paused member go on.
	 * @param member the member, from 0
	 */
	public void resume(int member) {
		Signal.CONT.send(this.members.get(member).pid());
	}

	/**
	 * Starts members again, all at once, with their ports and data; kills those that
	 * still run. Returns when they answer, for which most members have to run.
	 * @param numbers the members, from 0
	 */
	public void restart(int... numbers) {
		List<EtcdMember> chosen = IntStream.of(numbers).mapToObj(this.members::get).toList();
		chosen.forEach(EtcdMember::kill);
		start(chosen);
	}

	/**
	 * The link over which the others reach a member, if the cluster was built with such
	 * links. Frozen, it is a partition in one direction: a member sends what the others
	 * ask it for over their connections to it, and goes on asking them.
	 * @param member the member, from 0
	 * @return the link
	 */
	public TcpProxy peerProxy(int member) {
		TcpProxy proxy = this.members.get(member).peerProxy();
		if (proxy == null) {
			throw new IllegalStateException("This cluster was built without links between its members");
		}
		return proxy;
	}

	/**
	 * The latest lines of a member's log.
	 * @param member the member, from 0
	 * @return the lines, the oldest first
	 */
	public List<String> log(int member) {
		return this.members.get(member).log();
	}

	/** Kills every member and deletes its data. */
	@Override
	public void close() {
		this.members.forEach(EtcdMember::close);
		try (Stream<Path> files = Files.walk(this.folder)) {
			for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
				Files.delete(file);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void start(List<EtcdMember> chosen) {
		String peers = this.members.stream().map(EtcdMember::peer).collect(Collectors.joining(","));
		CompletableFuture<?>[] starts = chosen.stream()
			.map((member) -> CompletableFuture.runAsync(() -> member.start(this.binary, peers, this.arguments),
					(task) -> new Thread(task, "start etcd").start()))
			.toArray(CompletableFuture<?>[]::new);
		CompletableFuture.allOf(starts).join();
	}

	private int findLeader() {
		int leader = -1;
		long highestTerm = -1;
		for (int i = 0; i < this.members.size(); i++) {
			long term = this.members.get(i).termLed();
			if (term > highestTerm) {
				highestTerm = term;
				leader = i;
			}
		}
		return leader;
	}

	/** How to start a cluster. */
	public static final class Builder {

		private int members = 1;

		private @Nullable Path binary;

		private List<String> arguments = List.of();

		private boolean peerProxies;

		private Builder() {
		}

		/**
		 * How many members there are.
		 * @param number the number of members
		 * @return this builder
		 */
		public Builder members(int number) {
			this.members = number;
			return this;
		}

		/**
		 * The etcd binary, to test on a certain release.
		 * @param file the binary, or null for the one that embedded etcd finds
		 * @return this builder
		 */
		public Builder binary(@Nullable Path file) {
			this.binary = file;
			return this;
		}

		/**
		 * Further arguments for each member.
		 * @param options the arguments
		 * @return this builder
		 */
		public Builder arguments(String... options) {
			this.arguments = List.of(options);
			return this;
		}

		/**
		 * Puts a link that can be broken in front of each member's port for the others.
		 * @return this builder
		 */
		public Builder peerProxies() {
			this.peerProxies = true;
			return this;
		}

		/**
		 * Starts the members and waits until all of them answer.
		 * @return the running cluster; close it
		 */
		public EtcdCluster start() {
			try {
				EtcdCluster cluster = new EtcdCluster(this);
				try {
					cluster.start(cluster.members);
					return cluster;
				}
				catch (RuntimeException ex) {
					cluster.close();
					throw ex;
				}
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
