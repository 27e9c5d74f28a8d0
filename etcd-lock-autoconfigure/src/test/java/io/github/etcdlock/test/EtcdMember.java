package io.github.etcdlock.test;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.api.StatusResponse;
import io.github.etcdlock.embedded.EmbeddedEtcd;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import org.jspecify.annotations.Nullable;

/** One place in a cluster: its name, ports and data stay, its process comes and goes. */
final class EtcdMember implements AutoCloseable {

	private static final long STATUS_TIMEOUT_MILLIS = 500;

	private final String name;

	private final Path dataDir;

	private final int clientPort = LocalPort.free();

	private final int peerPort = LocalPort.free();

	private final @Nullable TcpProxy peerProxy;

	private volatile @Nullable EmbeddedEtcd process;

	EtcdMember(String name, Path dataDir, boolean proxied) {
		this.name = name;
		this.dataDir = dataDir;
		this.peerProxy = proxied ? TcpProxy.to(this.peerPort) : null;
	}

	String endpoint() {
		return "http://127.0.0.1:" + this.clientPort;
	}

	/** How the members find it: its part of {@code --initial-cluster}. */
	String peer() {
		return this.name + "=" + peerUrl();
	}

	@Nullable TcpProxy peerProxy() {
		return this.peerProxy;
	}

	void start(@Nullable Path binary, String allPeers, List<String> arguments) {
		List<String> all = new ArrayList<>(
				List.of("--name=" + this.name, "--listen-peer-urls=http://127.0.0.1:" + this.peerPort,
						"--initial-advertise-peer-urls=" + peerUrl(), "--initial-cluster=" + allPeers));
		all.addAll(arguments);
		this.process = EmbeddedEtcd.builder()
			.binary(binary)
			.port(this.clientPort)
			.dataDir(this.dataDir)
			.arguments(all)
			.start();
	}

	long pid() {
		EmbeddedEtcd running = this.process;
		if (running == null || !running.isRunning()) {
			throw new IllegalStateException("Member " + this.name + " does not run");
		}
		return running.pid();
	}

	List<String> log() {
		EmbeddedEtcd last = this.process;
		return (last != null) ? last.log() : List.of();
	}

	/** Also ends a paused process. */
	void kill() {
		EmbeddedEtcd running = this.process;
		if (running != null) {
			ProcessHandle.of(running.pid()).ifPresent(ProcessHandle::destroyForcibly);
			running.close();
		}
	}

	/**
	 * The term this member claims to lead, or -1 if it does not lead or does not answer.
	 */
	long termLed() {
		ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", this.clientPort).usePlaintext().build();
		try {
			StatusResponse status = MaintenanceGrpc.newBlockingStub(channel)
				.withDeadlineAfter(STATUS_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
				.status(StatusRequest.getDefaultInstance());
			return (status.getLeader() == status.getHeader().getMemberId()) ? status.getRaftTerm() : -1;
		}
		catch (StatusRuntimeException ex) {
			return -1;
		}
		finally {
			channel.shutdownNow();
		}
	}

	@Override
	public void close() {
		kill();
		if (this.peerProxy != null) {
			this.peerProxy.close();
		}
	}

	private String peerUrl() {
		return (this.peerProxy != null) ? this.peerProxy.endpoint() : "http://127.0.0.1:" + this.peerPort;
	}

}
